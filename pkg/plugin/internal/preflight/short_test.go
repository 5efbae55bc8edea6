package preflight

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/capacity"
)

// A sidecar that asks for disk keeps a pod off nodes that advertise none: CPU
// and memory that fit are not what is short.
func TestTheResourceThatIsShortIsNamed(t *testing.T) {
	list := func(cpu, disk string) corev1.ResourceList {
		out := corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu),
			corev1.ResourceMemory: resource.MustParse("1Gi")}
		if disk != "" {
			out[corev1.ResourceEphemeralStorage] = resource.MustParse(disk)
		}
		return out
	}
	for _, c := range []struct {
		name  string
		asked corev1.ResourceList
		nodes []capacity.Node
		want  string
	}{
		{"disk that no node advertises", list("100m", "50M"),
			[]capacity.Node{{Name: "a", Left: list("4", "")}, {Name: "b", Left: list("4", "")}},
			"short: ephemeral-storage; "},
		{"CPU", list("3", ""), []capacity.Node{{Name: "a", Left: list("1", "")}, {Name: "b", Left: list("1", "")}},
			"short: cpu; "},
		{"each fits, and not together", list("1", "2G"),
			[]capacity.Node{{Name: "a", Left: list("4", "1G")}, {Name: "b", Left: list("4", "4G")},
				{Name: "c", Left: list("500m", "4G")}}, ""},
	} {
		got := short(v1alpha1.PlacementCrossNode, capacity.Demand{Requests: c.asked}, capacity.Demand{Requests: c.asked},
			c.nodes)
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		for name := range c.asked {
			if name == corev1.ResourceEphemeralStorage && !strings.Contains(leftOn(c.nodes, c.asked), "ephemeral-storage") {
				t.Errorf("%s: %q does not say what disk is left", c.name, leftOn(c.nodes, c.asked))
			}
		}
	}
}
