package effect_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/effect"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
	"github.com/meshbench/kubectl-meshbench/test/golden"
	"github.com/meshbench/kubectl-meshbench/test/simulate"
)

// swept is an experiment of so many rounds, with factors.
func swept(t *testing.T, name string, rounds int, set func(*v1alpha1.Factors)) v1alpha1.Experiment {
	t.Helper()
	e := fixture.Named(name, rounds)
	set(&e.Spec.Factors)
	e, err := experiment.Resolve(e)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// cells are a report of nothing but cells, two arms and one metric each: value
// gives it, in each round.
func cells(m v1alpha1.Metric, rounds int, value func(level, arm string, round int) float64,
	all ...v1alpha1.Experiment) v1alpha1.Report {
	r := v1alpha1.Report{Experiments: all, Arms: []v1alpha1.Arm{
		{Name: "plain", Role: v1alpha1.RoleBaseline}, {Name: "meshy", Role: v1alpha1.RoleMeshed}}}
	for _, e := range all {
		for _, l := range experiment.Levels(e) {
			for _, a := range r.Arms {
				v := v1alpha1.MetricValue{Metric: m}
				for round := 1; round <= rounds; round++ {
					v.PerRound = append(v.PerRound,
						v1alpha1.RoundValue{Round: round, Value: value(e.Metadata.Name+"/"+l.ID, a.Name, round)})
				}
				r.Cells = append(r.Cells, v1alpha1.Cell{Rounds: rounds, Values: []v1alpha1.MetricValue{v},
					Address: v1alpha1.Address{Experiment: e.Metadata.Name, Level: l.ID, Arm: a.Name}})
			}
		}
	}
	return r
}

// find is the effect on an arm's value, or on its ratio to the baseline.
func find(t *testing.T, all []v1alpha1.Effect, level, arm string, of v1alpha1.EffectOf,
	m v1alpha1.Metric) v1alpha1.Effect {
	t.Helper()
	for _, e := range all {
		if e.Level == level && e.Arm == arm && e.Of == of && e.Metric == m {
			return e
		}
	}
	t.Fatalf("no effect of %s on %s of %s (%s) among %d", level, m, arm, of, len(all))
	return v1alpha1.Effect{}
}

// The reference is scipy 1.17 (testdata/reference.py): ttest_1samp and ttest_ind
// of the logarithms of the values below.
func TestEffectsAgainstSciPy(t *testing.T) {
	at100 := []float64{1.02, 0.98, 1.05, 0.97, 1.01, 1.03}
	at1000 := []float64{1.22, 1.15, 1.28, 1.19, 1.20, 1.26}
	mesh100 := []float64{1.50, 1.48, 1.60, 1.45, 1.52, 1.55}
	mesh1000 := []float64{2.10, 2.01, 2.22, 2.05, 2.08, 2.19}
	values := map[string][]float64{"exp2/rate=100plain": at100, "exp2/rate=1000plain": at1000,
		"exp2/rate=100meshy": mesh100, "exp2/rate=1000meshy": mesh1000}
	e := swept(t, "exp2", 6, func(f *v1alpha1.Factors) { f.Rate = v1alpha1.Values[v1alpha1.Rate]{100, 1000} })
	all := effect.Of(cells(v1alpha1.MetricP50, 6, func(level, arm string, round int) float64 {
		return values[level+arm][round-1] / 1000
	}, e))
	for _, c := range []struct {
		arm                 string
		of                  v1alpha1.EffectOf
		value, low, high, p float64
	}{
		{"plain", v1alpha1.EffectOfValue, 1.204305728963, 1.181643344477, 1.227402748546, 0.000001852780},
		{"meshy", v1alpha1.EffectOfValue, 1.389959774716, 1.365821707705, 1.414524432018, 0.000000071756},
		{"meshy", v1alpha1.EffectOfRatio, 1.154158567288, 1.143289268576, 1.165131200875, 0.000000210240},
	} {
		one := find(t, all, "rate=1000", c.arm, c.of, v1alpha1.MetricP50)
		if !one.Paired || one.Rounds != 6 || one.Conclusion != v1alpha1.ConclusionHigher {
			t.Errorf("%s of %s: %+v", c.of, c.arm, one)
		}
		near(t, c.arm+" "+string(c.of), one, c.value, c.low, c.high, c.p)
	}
	if len(all) != 3 {
		t.Errorf("there are %d effects, want 3", len(all))
	}
}

func near(t *testing.T, name string, e v1alpha1.Effect, value, low, high, p float64) {
	t.Helper()
	if e.Ratio == nil || e.Ratio.Low == nil || e.TestPValue == nil {
		t.Fatalf("%s has no interval: %+v", name, e)
	}
	for what, got := range map[string][2]float64{"value": {e.Ratio.Value, value}, "low": {*e.Ratio.Low, low},
		"high": {*e.Ratio.High, high}, "p": {*e.TestPValue, p}} {
		if math.Abs(got[0]-got[1]) > 1e-9 {
			t.Errorf("%s: %s is %.12f, SciPy says %.12f", name, what, got[0], got[1])
		}
	}
}

// exp1 and exp4 differ in nothing but their protocol: they are set side by side,
// as two samples, because their rounds are of different hours.
func TestExperimentsThatDifferInOneFactorAreSetSideBySide(t *testing.T) {
	builtin, err := experiment.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	var all []v1alpha1.Experiment
	for _, d := range builtin {
		if n := d.Experiment.Metadata.Name; n == "exp1" || n == "exp4" || n == "exp3" {
			e := d.Experiment
			e.Spec.Schedule.Rounds = 5
			e, err := experiment.Resolve(e)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, e)
		}
	}
	http := map[string][]float64{"plain": {20000, 21000, 19500, 20500, 20200}, "meshy": {9000, 9300, 8800, 9100, 9050}}
	grpc := map[string][]float64{"plain": {14000, 14100, 13700, 14500, 14200}, "meshy": {5100, 5000, 5300, 5050, 4950}}
	r := cells(v1alpha1.MetricThroughput, 5, func(level, arm string, round int) float64 {
		if level == "exp4/default" {
			return grpc[arm][round-1]
		}
		return http[arm][round-1]
	}, all...)
	var between []v1alpha1.Effect
	for _, e := range effect.Of(r) {
		if e.Experiment != e.Reference.Experiment {
			between = append(between, e)
		}
	}
	if len(between) != 3 {
		t.Fatalf("%d effects between experiments: %+v", len(between), between)
	}
	for i, want := range [][4]float64{{0.696733970694, 0.672033157302, 0.722342671108, 0.000000032206},
		{0.561258466184, 0.542231663273, 0.580952915884, 0.000000000674},
		{0.805556338275, 0.763259659234, 0.850196923530, 0.000282122076}} {
		e := between[i]
		if e.Experiment != "exp4" || e.Reference.Experiment != "exp1" || e.Factor != "protocol" || e.Value != "grpc" ||
			e.First != "http1" || e.Paired {
			t.Errorf("effect is %+v", e)
		}
		near(t, e.Arm+string(e.Of), e, want[0], want[1], want[2], want[3])
	}
	all[2].Spec.Schedule.Duration.Duration *= 2
	for _, e := range effect.Of(cells(v1alpha1.MetricThroughput, 5, func(string, string, int) float64 { return 1 },
		all...)) {
		if e.Experiment != e.Reference.Experiment {
			t.Errorf("experiments of different windows are set side by side: %+v", e)
		}
	}
}

func TestWhatForbidsAnEffect(t *testing.T) {
	e := swept(t, "exp2", 6, func(f *v1alpha1.Factors) { f.Rate = v1alpha1.Values[v1alpha1.Rate]{100, 1000} })
	same := func(string, string, int) float64 { return 0.001 }
	for name, c := range map[string]struct {
		edit func(*v1alpha1.Cell)
		want v1alpha1.Conclusion
	}{
		"void":       {func(c *v1alpha1.Cell) { c.Void = true }, v1alpha1.ConclusionVoid},
		"overloaded": {func(c *v1alpha1.Cell) { c.Overloaded = true }, v1alpha1.ConclusionOverloaded},
		"bound":      {func(c *v1alpha1.Cell) { v := 1.0; c.Values[0].AtLeast = &v }, v1alpha1.ConclusionBound},
		"few rounds": {func(c *v1alpha1.Cell) { c.Values[0].PerRound = c.Values[0].PerRound[:3] },
			v1alpha1.ConclusionInconclusive},
		"no data": {func(c *v1alpha1.Cell) { c.Values = nil }, v1alpha1.ConclusionInconclusive},
		"zero":    {func(c *v1alpha1.Cell) { c.Values[0].PerRound[0].Value = 0 }, v1alpha1.ConclusionInconclusive},
		"equal":   {func(*v1alpha1.Cell) {}, v1alpha1.ConclusionNone},
	} {
		r := cells(v1alpha1.MetricP50, 6, same, e)
		c.edit(&r.Cells[0]) // the baseline at the first level
		all := effect.Of(r)
		for _, of := range []struct {
			arm string
			of  v1alpha1.EffectOf
		}{{"plain", v1alpha1.EffectOfValue}, {"meshy", v1alpha1.EffectOfRatio}} {
			got := find(t, all, "rate=1000", of.arm, of.of, v1alpha1.MetricP50)
			if got.Conclusion != c.want {
				t.Errorf("%s: %s of %s is %+v, want %s", name, of.of, of.arm, got, c.want)
			}
			if got.Ratio != nil && c.want != v1alpha1.ConclusionNone && (got.Ratio.Low != nil || name != "few rounds") {
				t.Errorf("%s: there is a ratio: %+v", name, got.Ratio)
			}
		}
		if got := find(t, all, "rate=1000", "meshy", v1alpha1.EffectOfValue, v1alpha1.MetricP50); got.Conclusion !=
			v1alpha1.ConclusionNone {
			t.Errorf("%s of the baseline: the arm's own figures are %+v", name, got)
		}
	}
}

// A schedule gives the throughput, and its latencies are not those of a closed loop.
func TestOnlyWhatMeansTheSameIsCompared(t *testing.T) {
	e := swept(t, "mixed", 4, func(f *v1alpha1.Factors) { f.Rate = v1alpha1.Values[v1alpha1.Rate]{0, 100, 1000} })
	r := golden.Completed(t, fixture.Options{Experiment: e}, nil)
	for _, one := range effect.Of(r) {
		if m, _ := metric.Find(one.Metric); one.First != "max" || m.IsLatency() || one.Metric == v1alpha1.MetricThroughput {
			t.Errorf("%s at %s against %s is compared", one.Metric, one.Value, one.First)
		}
	}
}

// An idle figure that all rounds share could be wrong in all of them: what is
// mostly that has no ratio.
func TestACostThatIsHardlyAboveTheIdleUseHasNoEffect(t *testing.T) {
	e := swept(t, "exp2", 5, func(f *v1alpha1.Factors) { f.Rate = v1alpha1.Values[v1alpha1.Rate]{100, 1000} })
	for _, c := range []struct {
		cores float64
		want  v1alpha1.Conclusion
	}{{0.001, v1alpha1.ConclusionLower}, {0.24, v1alpha1.ConclusionInconclusive},
		{0.7, v1alpha1.ConclusionBound}} { // as much as the nodes used in all
		r := golden.Completed(t, fixture.Options{Experiment: e, Edit: func(x *v1alpha1.Trial) {
			if x.Level == "rate=1000" {
				for i := range x.Resources.Nodes {
					*x.Resources.Nodes[i].CPUSeconds *= 5
				}
			}
		}}, func(r *v1alpha1.Report) {
			idle := c.cores * 10
			r.Idle = &v1alpha1.IdleWindow{Resources: v1alpha1.Resources{}}
			for _, n := range []string{"node-1", "node-2"} {
				r.Idle.Resources.Nodes = append(r.Idle.Resources.Nodes,
					v1alpha1.NodeUsage{Node: n, Source: v1alpha1.SourceInPod, CPUs: 8, CPUSeconds: &idle, CoveredSeconds: 10})
			}
		})
		got := find(t, effect.Of(r), "rate=1000", "plain", v1alpha1.EffectOfValue, v1alpha1.CPUPer1000(v1alpha1.CostTotal))
		if got.Conclusion != c.want {
			t.Errorf("with %g idle cores: %+v, want %s", c.cores, got, c.want)
		}
	}
}

// Where no level differs from another, at most 5 % of reports claim anything; the
// interval holds the truth in 95 %, also where the mesh costs more at one level.
func TestHowOftenEffectsAreWrong(t *testing.T) {
	const n = 500
	e := swept(t, "exp2", 6, func(f *v1alpha1.Factors) {
		f.Rate = v1alpha1.Values[v1alpha1.Rate]{1, 100, 1000}
		f.ResponseBytes = v1alpha1.Values[int64]{0, 1000}
	})
	noisy := func(random *rand.Rand, more float64) v1alpha1.Report {
		drift := map[int]float64{}
		for round := 1; round <= 6; round++ {
			drift[round] = 0.2 * random.NormFloat64() // of the machine, the same for all
		}
		return cells(v1alpha1.MetricP50, 6, func(level, arm string, round int) float64 {
			v := math.Exp(drift[round] + 0.03*random.NormFloat64())
			if arm == "meshy" && level == "exp2/rate=1000,responseBytes=1000" {
				v *= more
			}
			return v
		}, e)
	}
	wrong := simulate.Share(t, "an effect is claimed where there is none", n, func(random *rand.Rand) bool {
		for _, one := range effect.Of(noisy(random, 1)) {
			if one.Conclusion != v1alpha1.ConclusionNone {
				return true
			}
		}
		return false
	})
	simulate.AtMost(t, "false claims", wrong, 0.05, n)
	found := 0
	covered := simulate.Share(t, "the interval of a change of the ratio holds the truth", n, func(random *rand.Rand) bool {
		one := find(t, effect.Of(noisy(random, 1.2)), "rate=1000,responseBytes=1000", "meshy", v1alpha1.EffectOfRatio,
			v1alpha1.MetricP50)
		if one.Conclusion == v1alpha1.ConclusionHigher {
			found++
		}
		return *one.Ratio.Low <= 1.2 && 1.2 <= *one.Ratio.High
	})
	simulate.AtLeast(t, "coverage", covered, 0.95, n)
	simulate.AtMost(t, "coverage", covered, 0.97, n)
	simulate.AtLeast(t, "a change of 20 % is found", float64(found)/float64(simulate.Runs(t, n)), 0.5, n)
}
