package precision_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/precision"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
	"github.com/meshbench/kubectl-meshbench/test/simulate"
)

func asked(t *testing.T, share float64, rounds int) v1alpha1.Experiment {
	t.Helper()
	e := fixture.Named("exp1", rounds)
	e.Spec.Schedule.Precision = share
	e, err := experiment.Resolve(e)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// trials of a closed loop that reached so much in each round.
func trials(arm string, perSecond ...float64) []v1alpha1.Trial {
	var all []v1alpha1.Trial
	for i, v := range perSecond {
		all = append(all, v1alpha1.Trial{Experiment: "exp1", Arm: arm, Level: "default", Round: i + 1,
			Status: v1alpha1.TrialCompleted, Window: &v1alpha1.Window{Seconds: 10},
			Load: &v1alpha1.LoadResult{Requests: int64(10 * v)}})
	}
	return all
}

func arms(names ...string) []v1alpha1.Arm {
	var all []v1alpha1.Arm
	for i, n := range names {
		a := v1alpha1.Arm{Name: n, Role: v1alpha1.RoleMeshed}
		if i == 0 {
			a.Role = v1alpha1.RoleBaseline
		}
		all = append(all, a)
	}
	return all
}

// The reference is arithmetic by hand: six logarithms with the deviation s0 need
// ceil((2.570582 s0 / log 1.05)^2).
func TestTheFirstRoundsDecide(t *testing.T) {
	base := []float64{1000, 1000, 1000, 1000, 1000, 1000}
	logs := []float64{0.05, -0.05, 0.07, -0.07, 0.03, -0.03} // deviation 0.05761
	var mesh []float64
	for _, l := range logs {
		mesh = append(mesh, 1000*math.Exp(l))
	}
	want := int(math.Ceil(math.Pow(2.570581836*0.0576194/math.Log(1.05), 2)))
	for name, c := range map[string]struct {
		trials  []v1alpha1.Trial
		rounds  int
		planned int
		capped  bool
	}{
		"six rounds":  {append(trials("plain", base...), trials("meshy", mesh...)...), 30, want, false},
		"no spread":   {append(trials("plain", base...), trials("meshy", base...)...), 30, 6, false},
		"a low cap":   {append(trials("plain", base...), trials("meshy", mesh...)...), 8, 8, true},
		"nothing yet": {nil, 30, 30, true},
		"a void round": {append(trials("plain", base...), trials("meshy", mesh[:5]...)...), 30,
			int(math.Ceil(math.Pow(2.7764451*0.0615630/math.Log(1.05), 2))), false},
		"too few": {append(trials("plain", base...), trials("meshy", mesh[:3]...)...), 30, 30, true},
		"later rounds": {append(trials("plain", append(base, 1000, 1000)...),
			trials("meshy", append(mesh, 3000, 100)...)...), 30, want, false},
	} {
		got := precision.State(asked(t, 0.05, c.rounds), arms("plain", "meshy"), c.trials)
		if got.PlannedRounds != c.planned || got.Capped != c.capped || got.MaxRounds != c.rounds || got.FirstRounds != 6 {
			t.Errorf("%s: %+v, want %d, capped %t", name, got, c.planned, c.capped)
		}
		if text := precision.Say(got); !strings.Contains(text, "exp1:") || strings.Contains(text, "more would") != c.capped {
			t.Errorf("%s: says %q", name, text)
		}
	}
	if want != 10 {
		t.Errorf("the sum done by hand is %d", want)
	}
}

func TestOnlyWhatHasRatiosCanBePrecise(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*v1alpha1.ExperimentSpec)
		says string
	}{
		"too much":      {func(s *v1alpha1.ExperimentSpec) { s.Schedule.Precision = 5 }, "not between"},
		"negative":      {func(s *v1alpha1.ExperimentSpec) { s.Schedule.Precision = -1 }, "not between"},
		"few rounds":    {func(s *v1alpha1.ExperimentSpec) { s.Schedule.Rounds = 5 }, "6 decide"},
		"baseline only": {func(s *v1alpha1.ExperimentSpec) { s.Arms = v1alpha1.ArmsBaseline }, "there is no ratio"},
		"a search":      {func(s *v1alpha1.ExperimentSpec) { s.Search = &v1alpha1.Search{SLO: "p99 < 1s"} }, "has no rounds"},
	} {
		e := fixture.Named("exp1", 0)
		e.Spec.Schedule.Precision = 0.05
		c.edit(&e.Spec)
		if _, err := experiment.Resolve(e); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
	if e := asked(t, 0.05, 0); e.Spec.Schedule.Rounds != 30 {
		t.Errorf("at most %d rounds", e.Spec.Schedule.Rounds)
	}
}

// Two arms, of which the noisier decides; the interval of each holds the truth in
// 95 %, whatever was asked for, and no effect is claimed more often for it.
func TestSimulatedPrecision(t *testing.T) {
	const n = 6000
	for _, share := range []float64{0.02, 0.05, 0.10} {
		var used []float64
		wide := 0
		inside, claimed := 0, 0
		runs := simulate.Runs(t, n)
		random := simulate.Source("precision")
		for range runs {
			rounds, logs := round(random, share)
			used = append(used, float64(rounds))
			e := stats.SteinInterval(logs, 6)
			if *e.Low <= 0 && 0 <= *e.High {
				inside++
			}
			if stats.SteinTest(logs, 6) <= 0.05 {
				claimed++
			}
			if *e.High-e.Value > math.Log1p(share)*1.0000001 && rounds < 30 {
				wide++
			}
		}
		of := func(k int) float64 { return float64(k) / float64(runs) }
		t.Logf("%g: covers %.2f %%, claims %.2f %%, median %g rounds", share, 100*of(inside), 100*of(claimed),
			stats.Median(used))
		simulate.AtLeast(t, "coverage", of(inside), 0.95, n)
		simulate.AtMost(t, "claims", of(claimed), 0.05, n)
		if wide > 0 {
			t.Errorf("%g: %d intervals are wider than was asked for", share, wide)
		}
	}
}

// round is a run whose rounds follow from two ratios: that of a noisier arm too.
func round(random *rand.Rand, share float64) (rounds int, logs []float64) {
	var other []float64
	for range 30 {
		common := random.NormFloat64()
		logs = append(logs, 0.02*common+0.03*random.NormFloat64())
		other = append(other, 0.02*common+0.05*random.NormFloat64())
	}
	rounds = max(stats.SteinNeeds(logs[:6], math.Log1p(share)), stats.SteinNeeds(other[:6], math.Log1p(share)))
	rounds = min(rounds, 30)
	return rounds, logs[:rounds]
}
