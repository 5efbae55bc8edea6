package analyse_test

import (
	"math"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

// Without load, only the run's own cluster is measured. What is taken off one
// arm's costs alone would be a difference between the arms.
func TestIdleUseOfOneClusterIsTakenOffNoArm(t *testing.T) {
	used := 1.0 // 0.1 cores
	idle := func(r *v1alpha1.Report) {
		r.Idle = &v1alpha1.IdleWindow{Resources: v1alpha1.Resources{Nodes: []v1alpha1.NodeUsage{
			{Node: "node-1", CPUSeconds: &used, CoveredSeconds: 10}, {Node: "node-2", CPUSeconds: &used, CoveredSeconds: 10},
		}}}
	}
	apart := func(r *v1alpha1.Report) { idle(r); r.Arms[1].Context = "other" }
	total := func(r v1alpha1.Report, arm string) float64 {
		for _, v := range cellOf(r, arm).Values {
			if v.Metric == v1alpha1.Cores(v1alpha1.CostTotal) {
				return *v.Value
			}
		}
		return math.NaN()
	}
	plain, one, two := complete(t, fixture.Options{}, nil), complete(t, fixture.Options{}, idle),
		complete(t, fixture.Options{}, apart)
	for _, arm := range []string{"plain", "meshy"} {
		if off := total(plain, arm) - total(one, arm); math.Abs(off-0.2) > 1e-9 {
			t.Errorf("%s in one cluster: %v cores are taken off, want 0.2", arm, off)
		}
		if off := total(plain, arm) - total(two, arm); math.Abs(off) > 1e-9 {
			t.Errorf("%s of two clusters: %v cores are taken off, want none", arm, off)
		}
	}
	for _, code := range []string{"idle-unknown", "idle-busy"} {
		if got := evidenceOf(one, code); got != "" {
			t.Error(got)
		}
	}
	if got := evidenceOf(two, "idle-unknown"); !strings.Contains(got, "staging") {
		t.Errorf("idle-unknown says %q", got)
	}
}
