package analyse

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/test/simulate"
)

// system is what a simulated run measures: each trial's figures vary by noise, and
// those of the mesh are dearer by effect.
type system struct {
	experiments []string
	noise       float64
	effect      float64
	// own is the part of a metric's variance that is its own; the rest all figures
	// of a trial's latency share.
	own float64
	// tails makes one trial in ten five times as noisy.
	tails bool
}

// run is a run of a system, as far as it is compared.
func (s system) run(t *testing.T, random *rand.Rand) *data {
	t.Helper()
	const rounds = 6
	d := &data{baseline: v1alpha1.Arm{Name: "plain", Role: v1alpha1.RoleBaseline}, byAddress: map[v1alpha1.Address]*cell{}}
	arms := []v1alpha1.Arm{d.baseline, {Name: "meshy", Role: v1alpha1.RoleMeshed}}
	for _, name := range s.experiments {
		e, levels := planned(t, name)
		for _, level := range levels {
			for _, arm := range arms {
				c := &cell{at: v1alpha1.Address{Experiment: name, Level: level.ID, Arm: arm.Name}, experiment: e, level: level,
					arm: arm, none: map[v1alpha1.Metric]bool{}}
				c.summary = s.summary(random, level, arm.Role == v1alpha1.RoleMeshed, rounds)
				d.byAddress[c.at] = c
				d.cells = append(d.cells, c)
			}
		}
	}
	d.comparisons = compare(d)
	return d
}

func planned(t *testing.T, name string) (v1alpha1.Experiment, []v1alpha1.Level) {
	t.Helper()
	e, err := experiment.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	if e, err = experiment.Resolve(e); err != nil {
		t.Fatal(err)
	}
	return e, experiment.Levels(e)
}

func (s system) summary(random *rand.Rand, level v1alpha1.Level, meshed bool, rounds int) []v1alpha1.MetricValue {
	var out []v1alpha1.MetricValue
	for _, m := range metric.Latencies() {
		out = append(out, v1alpha1.MetricValue{Metric: m.Name, Unit: m.Unit})
	}
	out = append(out, v1alpha1.MetricValue{Metric: v1alpha1.MetricThroughput, Unit: v1alpha1.UnitPerSecond})
	for _, p := range []v1alpha1.CostPart{v1alpha1.CostTotal, v1alpha1.CostClientApplication,
		v1alpha1.CostServerApplication,
		v1alpha1.CostOther, v1alpha1.CostUnattributed} {
		out = append(out, v1alpha1.MetricValue{Metric: v1alpha1.CPUPer1000(p), Unit: v1alpha1.UnitCPUPer1000},
			v1alpha1.MetricValue{Metric: v1alpha1.Cores(p), Unit: v1alpha1.UnitCores})
	}
	for round := 1; round <= rounds; round++ {
		noise := s.noise
		if s.tails && random.IntN(10) == 0 {
			noise *= 5
		}
		trial := random.NormFloat64()
		for i := range out {
			shared, own := 0.0, 1.0
			if out[i].Unit == v1alpha1.UnitSeconds || out[i].Unit == v1alpha1.UnitPerSecond {
				shared, own = math.Sqrt(1-s.own), math.Sqrt(s.own)
			}
			v := noise * (shared*trial + own*random.NormFloat64())
			if meshed {
				v += math.Log1p(s.effect)
			}
			switch {
			case out[i].Metric == v1alpha1.MetricThroughput && level.Rate.ClosedLoop():
				v = -v
			case out[i].Metric == v1alpha1.MetricThroughput:
				v = 0.0001 * random.NormFloat64() // the schedule gives it
			}
			out[i].PerRound = append(out[i].PerRound, v1alpha1.RoundValue{Round: round, Value: math.Exp(v)})
		}
	}
	return out
}

func claims(c v1alpha1.Comparison) bool {
	return c.Conclusion == v1alpha1.ConclusionHigher || c.Conclusion == v1alpha1.ConclusionLower
}

// Of clean runs, at most 5 % claim anything, and fewer than 1 % that the mesh is
// faster than no mesh.
func TestSimulatedCleanRunsClaimNothing(t *testing.T) {
	whole := []string{"exp1", "exp2", "exp3", "exp4"}
	for _, c := range []struct {
		runs int
		system
	}{
		{1500, system{experiments: whole[:1], noise: 0.03, own: 0.3}},
		{400, system{experiments: whole[1:2], noise: 0.03, own: 0.3}},
		{100, system{experiments: whole, noise: 0.03, own: 0.3}},
		{200, system{experiments: whole[1:2], noise: 0.03, own: 1}},
		{200, system{experiments: whole[1:2], noise: 0.03, own: 0.3, tails: true}},
	} {
		name := fmt.Sprintf("clean %v, own %g, tails %v", c.experiments, c.own, c.tails)
		var any, faster, uncorrected int
		random, n := simulate.Source(name), simulate.Runs(t, c.runs)
		for range n {
			d := c.run(t, random)
			claimed, outside := false, false
			for _, one := range d.comparisons {
				claimed = claimed || claims(one)
				outside = outside || one.Ratio != nil && (*one.Ratio.Low > 1 || *one.Ratio.High < 1)
			}
			any, uncorrected = any+count1(claimed), uncorrected+count1(outside)
			faster += count1(len(fasterThanBaseline(d)) > 0)
		}
		share := func(hits int) float64 { return float64(hits) / float64(n) }
		t.Logf("%s: %.2f %% claim anything (%.1f %% have an interval without 1), %.2f %% are faster, of %d runs", name,
			100*share(any), 100*share(uncorrected), 100*share(faster), n)
		simulate.AtMost(t, name+": any claim", share(any), 0.05, c.runs)
		simulate.AtMost(t, name+": faster", share(faster), 0.01, c.runs)
	}
}

func count1(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// A mesh that costs 10 % is found with 6 rounds and 3 % noise of a trial: that is
// claimed of what the experiment asks first, at each of its levels.
func TestSimulatedEffectsAreFound(t *testing.T) {
	for _, c := range []struct {
		experiment string
		metric     v1alpha1.Metric
		runs       int
		atLeast    float64
	}{{"exp1", v1alpha1.MetricThroughput, 600, 0.90}, {"exp2", v1alpha1.MetricP50, 150, 0.80}} {
		s := system{experiments: []string{c.experiment}, noise: 0.03, effect: 0.1, own: 0.3}
		name := fmt.Sprintf("10 %% effect in %s", c.experiment)
		runs := simulate.Runs(t, c.runs)
		random, some, all, of := simulate.Source(name), 0, 0, map[v1alpha1.Metric]int{}
		levels := 0
		for range runs {
			found := map[v1alpha1.Metric]int{}
			levels = 0
			for _, one := range s.run(t, random).comparisons {
				found[one.Metric] += count1(claims(one))
				levels += count1(one.Metric == c.metric)
			}
			some, all = some+count1(found[c.metric] > 0), all+count1(found[c.metric] == levels)
			for m, n := range found {
				of[m] += n
			}
		}
		each := func(m v1alpha1.Metric) float64 { return float64(of[m]) / float64(levels*runs) }
		t.Logf("%s: %s claimed at some level in %.1f %%, at all in %.1f %%, at each in %.1f %%; p50 %.1f %%, p99 %.1f %%, CPU %.1f %%",
			name, c.metric, 100*float64(some)/float64(runs), 100*float64(all)/float64(runs), 100*each(c.metric),
			100*each(v1alpha1.MetricP50), 100*each(v1alpha1.MetricP99), 100*each(v1alpha1.CPUPer1000(v1alpha1.CostTotal)))
		simulate.AtLeast(t, name, each(c.metric), c.atLeast, c.runs*levels)
	}
}
