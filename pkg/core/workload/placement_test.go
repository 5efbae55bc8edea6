package workload

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Placement goes by the labels of the targets until their nodes are given, and by
// those alone then: a pod with the same labels elsewhere changes nothing.
func TestPlacementGoesByNodesWhereTheyAreKnown(t *testing.T) {
	const cross, same = v1alpha1.PlacementCrossNode, v1alpha1.PlacementSameNode
	for name, c := range map[string]struct {
		placement v1alpha1.Placement
		load      Load
		nodes     []string
		on, off   bool // by labels
	}{
		"cross, by labels":      {placement: cross, off: true},
		"cross, by labels, on":  {placement: cross, load: Load{Node: "b"}, nodes: []string{"In b"}, off: true},
		"cross, own node known": {placement: cross, load: Load{TargetNode: "a"}, off: true},
		"cross, by nodes":       {placement: cross, load: Load{OffNodes: []string{"a"}}, nodes: []string{"NotIn a"}},
		"cross, two nodes": {placement: cross, load: Load{OffNodes: []string{"a", "c"}},
			nodes: []string{"NotIn a", "NotIn c"}},
		"cross, by nodes, on": {placement: cross, load: Load{Node: "b", OffNodes: []string{"a"}},
			nodes: []string{"In b", "NotIn a"}},
		"same, by labels": {placement: same, on: true},
		"same, by node": {placement: same, load: Load{TargetNode: "a", OffNodes: []string{"a"}},
			nodes: []string{"In a"}},
		"same, by node, another": {placement: same, load: Load{TargetNode: "a", Node: "b"}, nodes: []string{"In b", "In a"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := c.load
			l.ID, l.Size, l.Window = "t", size(), time.Second
			l.Arm = v1alpha1.Arm{Name: "mesh", Namespace: "ns"}
			l.Level = v1alpha1.Level{Clients: 1, Connections: 1, Protocol: v1alpha1.ProtocolHTTP1, Placement: c.placement}
			pods, err := LoadPods(Run{ID: "r"}, l)
			if err != nil {
				t.Fatal(err)
			}
			a := pods[0].Spec.Affinity
			if (a.PodAffinity != nil) != c.on || (a.PodAntiAffinity != nil) != c.off {
				t.Errorf("by labels: %+v", a)
			}
			var nodes []string
			if a.NodeAffinity != nil {
				for _, r := range a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms[0].MatchFields {
					nodes = append(nodes, fmt.Sprint(r.Operator, " ", r.Values[0]))
					if r.Key != "metadata.name" || len(r.Values) != 1 { // all that the API takes
						t.Errorf("field %+v", r)
					}
				}
			}
			if !slices.Equal(nodes, c.nodes) {
				t.Errorf("nodes %v, want %v", nodes, c.nodes)
			}
		})
	}
}
