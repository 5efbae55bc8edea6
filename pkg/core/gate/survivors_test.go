package gate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

// These hold what mutation testing found that no other test did.

// A lower bound breaks an objective only where every one of enough rounds does, and
// never one that asks for more than it.
func TestALowerBoundBreaksOnlyInEveryRound(t *testing.T) {
	const fail, unknown = v1alpha1.VerdictFail, v1alpha1.VerdictInconclusive
	for name, c := range map[string]struct {
		rounds int
		edit   func(*v1alpha1.Trial)
		slo    string
		want   v1alpha1.VerdictResult
	}{
		"the least rounds":   {4, frozen, "p99 < 500ms", fail},
		"too few rounds":     {3, frozen, "p99 < 500ms", unknown},
		"asked for more":     {6, frozen, "p99 > 10s", unknown},
		"one round is quick": {6, exceptIn(2, frozen), "p99 < 500ms", unknown},
	} {
		e := fixture.Named("exp2", c.rounds)
		e.Spec.Factors.Rate = v1alpha1.Values[v1alpha1.Rate]{200}
		v := verdictOn(t, fixture.Options{Experiment: e, Samples: 2000, Edit: c.edit}, c.slo)
		if v.Result != c.want {
			t.Errorf("%s: %s is %s, want %s: %s", name, c.slo, v.Result, c.want, v.Evidence)
		}
	}
}

func exceptIn(round int, edit func(*v1alpha1.Trial)) func(*v1alpha1.Trial) {
	return func(t *v1alpha1.Trial) {
		if t.Round != round {
			edit(t)
		}
	}
}

// An interval that is wider than the figure ends at 0 where nothing can be less, and
// does not where a cost was got by subtraction.
func TestIntervalsEndAtZeroWhereNothingIsLess(t *testing.T) {
	slow := func(in func(round int) bool) func(*v1alpha1.Trial) {
		return func(x *v1alpha1.Trial) {
			if in(x.Round) {
				x.Window.Seconds *= 50
				x.Window.EndedAt = x.Window.StartedAt.Add(time.Duration(x.Window.Seconds * float64(time.Second)))
			}
		}
	}
	for slo, c := range map[string]struct {
		edit  func(*v1alpha1.Trial)
		below bool
	}{
		"rps > 1000000": {slow(func(round int) bool { return round > 1 }), false},
		"cpu < 1h":      {slow(func(round int) bool { return round == 1 }), true},
	} {
		v := verdictOn(t, fixture.Options{Edit: c.edit}, slo)
		if !strings.Contains(v.Evidence, "[") || strings.Contains(v.Evidence, "[-") != c.below {
			t.Errorf("%s: %s (%s)", slo, v.Evidence, v.Result)
		}
	}
}

// Fewer than one percent of all requests had no answer, thanks to one round alone:
// without it the percentile is not known, and so neither is its interval.
func TestAPercentileThatOneRoundBoundsIsNotKnown(t *testing.T) {
	v := verdictOn(t, fixture.Options{Samples: 2000, Edit: failing(func(round int) int64 {
		return map[bool]int64{true: 0, false: 23}[round == 1]
	})}, "p99 < 1h")
	if v.Result != v1alpha1.VerdictInconclusive || !strings.Contains(v.Evidence, "without one of the rounds") {
		t.Errorf("%s: %s", v.Result, v.Evidence)
	}
}
