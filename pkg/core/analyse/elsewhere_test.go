package analyse_test

import (
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

// Sources know nodes that an earlier trial needed; what goes on there is not in
// the figures of this one.
func TestNodesWithoutAPartInATrialAreNotFound(t *testing.T) {
	r := complete(t, fixture.Options{Edit: func(trial *v1alpha1.Trial) {
		busy := 7.9 * trial.Window.Seconds
		trial.Resources.Nodes = append(trial.Resources.Nodes, v1alpha1.NodeUsage{
			Node: "node-3", Source: v1alpha1.SourceCAdvisor, CPUs: 8, CoveredSeconds: trial.Window.Seconds, CPUSeconds: &busy,
		})
		trial.Resources.Containers = append(trial.Resources.Containers, v1alpha1.ContainerUsage{
			Namespace: "shop", Pod: "cart", Node: "node-3", Side: v1alpha1.SideOther, Part: v1alpha1.PartOther,
			CPUSeconds: &busy, CoveredSeconds: trial.Window.Seconds,
		})
	}}, nil)
	for _, f := range r.Findings {
		if f.Code == "node-saturated" || f.Code == "other-tenants" {
			t.Errorf("%s", f.Evidence)
		}
	}
	for _, c := range r.Cells {
		if c.Bottleneck.At == v1alpha1.BottleneckNode {
			t.Errorf("the bottleneck is %+v", c.Bottleneck)
		}
	}
}
