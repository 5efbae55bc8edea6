package analyse_test

import (
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

// A proxy of the mesh in pods of its own that has no figure is named, if the arm's
// requests pass it.
func TestProxiesApartWithoutAFigureAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		side  v1alpha1.Side
		layer v1alpha1.Layer
		named bool
	}{
		"a node's proxy":           {v1alpha1.SideNode, "", true},
		"the waypoint that is met": {v1alpha1.SideWaypoint, v1alpha1.LayerRequests, true},
		"somebody's waypoint":      {v1alpha1.SideWaypoint, v1alpha1.LayerConnections, false},
		"the control plane":        {v1alpha1.SideControlPlane, "", false},
	} {
		r, levels := fixture.Report(fixture.Options{Edit: func(t *v1alpha1.Trial) {
			part := v1alpha1.PartProxy
			if c.side == v1alpha1.SideControlPlane {
				part = v1alpha1.PartControl
			}
			t.Resources.Containers = append(t.Resources.Containers, v1alpha1.ContainerUsage{Pod: "(pods with app=x)",
				Side: c.side, Part: part, Missing: "no source has samples of it"})
		}})
		r.Arms[1].DataPlane.Layer = c.layer
		done, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, f := range done.Findings {
			if f.Code == "resources-hidden" {
				said = append(said, f.Arm+" "+f.Evidence)
			}
		}
		text := strings.Join(said, "; ")
		named := strings.Contains(text, "meshy") && strings.Contains(text, "(pods with app=x): no source has samples")
		if named != c.named || strings.Contains(text, "plain") {
			t.Errorf("%s: %q, want it named: %v, and of the meshed arm alone", name, text, c.named)
		}
	}
}
