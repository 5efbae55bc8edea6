package analyse_test

import (
	"slices"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

// A target that began to count anew in one round hides no retries of the others,
// and is no figure of its own.
func TestATargetThatBeganAnewHidesNoRetries(t *testing.T) {
	r, levels := fixture.Report(fixture.Options{Edit: func(t *v1alpha1.Trial) {
		if t.Arm != "meshy" {
			return
		}
		sent := t.Received.Sent
		t.Received.Received = sent + sent/10
		if t.Round == 1 {
			t.Received.Received = 7
		}
	}})
	done, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(done.Findings, func(f v1alpha1.Finding) bool { return f.Code == "mesh-retries" }) {
		t.Errorf("findings %+v", done.Findings)
	}
	for _, c := range done.Cells {
		for _, v := range c.Values {
			if v.Metric != v1alpha1.MetricAmplification {
				continue
			}
			want, rounds := 1.0, 6
			if c.Arm == "meshy" {
				want, rounds = 1.1, 5
			}
			if v.Value == nil || *v.Value < want-0.001 || *v.Value > want+0.001 || len(v.PerRound) != rounds {
				t.Errorf("%s: %+v, want %g from %d rounds", c.Arm, v, want, rounds)
			}
		}
	}
}
