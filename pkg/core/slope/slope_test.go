package slope_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/slope"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
	"github.com/meshbench/kubectl-meshbench/test/golden"
	"github.com/meshbench/kubectl-meshbench/test/simulate"
)

// chained is an experiment of so many rounds over hops, at 100 requests a second.
func chained(t *testing.T, rounds int, set func(*v1alpha1.ExperimentSpec)) v1alpha1.Experiment {
	t.Helper()
	e := fixture.Named("chain", rounds)
	e.Spec.Factors.Rate, e.Spec.Factors.Hops = v1alpha1.Values[v1alpha1.Rate]{100}, v1alpha1.Values[int]{8, 1, 4, 2}
	if set != nil {
		set(&e.Spec)
	}
	e, err := experiment.Resolve(e)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// cells are a report of nothing but cells: value gives the p50 of two arms in each
// round, at so many hops.
func cells(e v1alpha1.Experiment, value func(arm string, hops float64, round int) float64) v1alpha1.Report {
	r := v1alpha1.Report{Experiments: []v1alpha1.Experiment{e}, Arms: []v1alpha1.Arm{
		{Name: "plain", Role: v1alpha1.RoleBaseline}, {Name: "meshy", Role: v1alpha1.RoleMeshed}}}
	for _, l := range experiment.Levels(e) {
		for _, a := range r.Arms {
			v := v1alpha1.MetricValue{Metric: v1alpha1.MetricP50, Unit: v1alpha1.UnitSeconds}
			for round := 1; round <= e.Spec.Schedule.Rounds; round++ {
				one := value(a.Name, float64(l.Hops), round)
				v.Value = &one
				v.PerRound = append(v.PerRound, v1alpha1.RoundValue{Round: round, Value: one})
			}
			r.Cells = append(r.Cells, v1alpha1.Cell{Rounds: len(v.PerRound), Values: []v1alpha1.MetricValue{v},
				Address: v1alpha1.Address{Experiment: e.Metadata.Name, Level: l.ID, Arm: a.Name}})
		}
	}
	return r
}

// edited finds a cell and changes it.
func edited(r v1alpha1.Report, arm, level string, edit func(*v1alpha1.Cell)) v1alpha1.Report {
	for i, c := range r.Cells {
		if c.Arm == arm && c.Level == level {
			edit(&r.Cells[i])
		}
	}
	return r
}

// straight has 1 ms and 0.2 ms a hop, or 1.9 ms in the mesh; rounds drift.
func straight(arm string, hops float64, round int) float64 {
	return (0.001 + each(arm)*hops) * (1 + 0.01*float64(round))
}

func each(arm string) float64 {
	if arm == "plain" {
		return 0.0002
	}
	return 0.0019
}

func find(t *testing.T, all []v1alpha1.Slope, arm string, m v1alpha1.Metric) v1alpha1.Slope {
	t.Helper()
	i := slices.IndexFunc(all, func(s v1alpha1.Slope) bool { return s.Arm == arm && s.Metric == m })
	if i < 0 {
		t.Fatalf("no slope of %s of %s among %d", m, arm, len(all))
	}
	return all[i]
}

func holds(e *v1alpha1.Estimate, v float64) bool {
	return e != nil && e.Low != nil && e.High != nil && *e.Low <= v && v <= *e.High
}

// Through histograms, costs and findings: what each hop adds comes out again.
func TestKnownSlopesAreFound(t *testing.T) {
	all := slope.Of(golden.Completed(t, fixture.Chain(6, fixture.Options{}), nil))
	cpu := v1alpha1.CPUPer1000(v1alpha1.CostTotal)
	for _, c := range []struct {
		metric      v1alpha1.Metric
		plain, mesh float64
	}{
		{v1alpha1.MetricP50, fixture.ChainPlainMedian, fixture.ChainMeshMedian},
		// The mean of the fixture's log-normal samples.
		{v1alpha1.MetricMean, fixture.ChainPlainMedian * math.Exp(0.045), fixture.ChainMeshMedian * math.Exp(0.045)},
		{cpu, fixture.ChainPlainCPU * 1e6, fixture.ChainMeshCPU * 1e6},
	} {
		plain, mesh := find(t, all, "plain", c.metric), find(t, all, "meshy", c.metric)
		if !holds(plain.Value, c.plain) || !holds(mesh.Value, c.mesh) || !holds(mesh.Difference, c.mesh-c.plain) ||
			!holds(mesh.Ratio, c.mesh/c.plain) {
			t.Errorf("%s: %+v and %+v do not hold %g and %g", c.metric, plain, mesh, c.plain, c.mesh)
		}
		if w := *mesh.Value.High - *mesh.Value.Low; w > 0.3*mesh.Value.Value {
			t.Errorf("%s: the interval is %g wide", c.metric, w)
		}
		if mesh.Rounds != 6 || mesh.Pairs != 6 || mesh.Linearity != v1alpha1.LinearityStraight || mesh.PerUnit != "hop" ||
			strings.Join(mesh.Levels, " ") != "hops=1 hops=2 hops=4 hops=8" {
			t.Errorf("%s: %+v", c.metric, mesh)
		}
		if plain.Difference != nil || plain.Ratio != nil || plain.Pairs != 0 {
			t.Errorf("the baseline is set against itself: %+v", plain)
		}
	}
}

func TestWhatARoundNeeds(t *testing.T) {
	e := chained(t, 6, nil)
	without := func(rounds ...int) func(*v1alpha1.Cell) {
		return func(c *v1alpha1.Cell) {
			c.Values[0].PerRound = slices.DeleteFunc(c.Values[0].PerRound,
				func(r v1alpha1.RoundValue) bool { return slices.Contains(rounds, r.Round) })
		}
	}
	for name, c := range map[string]struct {
		arm                         string
		edit                        func(*v1alpha1.Cell)
		rounds, pairs, base         int
		interval, difference, ratio bool
		missing                     string
	}{
		"all":             {"meshy", func(*v1alpha1.Cell) {}, 6, 6, 6, true, true, true, ""},
		"a round less":    {"meshy", without(2), 5, 5, 6, true, true, true, ""},
		"of the baseline": {"plain", without(2, 3), 6, 4, 4, true, true, true, ""},
		"too few":         {"meshy", without(1, 2, 3), 3, 3, 6, false, false, false, ""},
		"too few pairs":   {"plain", without(1, 2, 3), 6, 3, 3, true, false, false, ""},
		"none": {"meshy", without(1, 2, 3, 4, 5, 6), 0, 0, 6, false, false, false,
			"no round has a value at hops=4"},
		"void": {"meshy", func(c *v1alpha1.Cell) { c.Void = true }, 0, 0, 6, false, false, false,
			"hops=4 is void"},
		"overloaded": {"meshy", func(c *v1alpha1.Cell) { c.Overloaded = true }, 0, 0, 6, false, false, false,
			"hops=4 is overloaded"},
		"void baseline": {"plain", func(c *v1alpha1.Cell) { c.Void = true }, 6, 0, 0, true, false, false, ""},
		"no data": {"meshy", func(c *v1alpha1.Cell) { c.Values = nil }, 0, 0, 6, false, false, false,
			"no data at hops=4"},
		"a bound": {"meshy", func(c *v1alpha1.Cell) { v := 9.0; c.Values[0].AtLeast = &v }, 0, 0, 6, false, false,
			false, "only a lower bound is known at hops=4"},
		"its own reason": {"meshy", func(c *v1alpha1.Cell) { c.Values[0].Value, c.Values[0].Missing = nil, "too few" }, 0,
			0, 6, false, false, false, "too few at hops=4"},
		"the first is not": {"meshy", without(1), 5, 5, 6, true, true, true, ""},
	} {
		all := slope.Of(edited(cells(e, straight), c.arm, "hops=4", c.edit))
		plain, mesh := find(t, all, "plain", v1alpha1.MetricP50), find(t, all, "meshy", v1alpha1.MetricP50)
		if mesh.Rounds != c.rounds || mesh.Pairs != c.pairs || plain.Rounds != c.base || mesh.Missing != c.missing {
			t.Errorf("%s: %+v, the baseline %d rounds", name, mesh, plain.Rounds)
		}
		if (mesh.Value != nil) != (c.rounds > 0) || (mesh.Difference != nil) != (c.pairs > 0) {
			t.Errorf("%s: figures of nothing, or none: %+v", name, mesh)
		}
		if (mesh.Value != nil && mesh.Value.Low != nil) != c.interval ||
			(mesh.Difference != nil && mesh.Difference.Low != nil) != c.difference || (mesh.Ratio != nil) != c.ratio {
			t.Errorf("%s: %+v", name, mesh)
		}
	}
}

// Values of a round that lacks one level must not stand in for another's.
func TestARoundWithoutOneLevelHasNoLine(t *testing.T) {
	r := edited(cells(chained(t, 5, nil), straight), "meshy", "hops=2", func(c *v1alpha1.Cell) {
		c.Values[0].PerRound = c.Values[0].PerRound[1:]
	})
	mesh := find(t, slope.Of(r), "meshy", v1alpha1.MetricP50)
	for _, one := range mesh.PerRound {
		if want := 0.0019 * (1 + 0.01*float64(one.Round)); one.Round == 1 || math.Abs(one.Value-want) > 1e-12 {
			t.Errorf("round %d has %g, want %g", one.Round, one.Value, want)
		}
	}
	if len(mesh.PerRound) != 4 {
		t.Errorf("%d rounds have a line, want 4", len(mesh.PerRound))
	}
}

// No ratio where a slope may as well be 0 or below.
func TestARatioWantsBothClearlyAboveNone(t *testing.T) {
	noise := map[int]float64{1: 1, 2: -1, 3: 1, 4: -1, 5: 1, 6: -0.5}
	r := cells(chained(t, 6, nil), func(arm string, hops float64, round int) float64 {
		if arm == "plain" {
			return 0.01 + hops*0.0002*noise[round]
		}
		return 0.01 + hops*0.0019
	})
	mesh := find(t, slope.Of(r), "meshy", v1alpha1.MetricP50)
	if mesh.Ratio != nil || mesh.Difference == nil || !holds(mesh.Difference, 0.0019) {
		t.Errorf("%+v", mesh)
	}
}

func TestALineThatBends(t *testing.T) {
	for name, c := range map[string]struct {
		hops []int
		last float64 // what the last level has beyond the line, seconds
		want v1alpha1.Linearity
	}{
		"straight":            {[]int{1, 2, 4, 8}, 0, v1alpha1.LinearityStraight},
		"saturated":           {[]int{1, 2, 4, 8}, 0.02, v1alpha1.LinearityBent},
		"hardly":              {[]int{1, 2, 4, 8}, 0.0005, v1alpha1.LinearityStraight},
		"three":               {[]int{1, 2, 4}, 0.02, v1alpha1.LinearityBent},
		"two are always":      {[]int{1, 8}, 0.02, v1alpha1.LinearityUnchecked},
		"all three, no bends": {[]int{1, 2, 4}, 0, v1alpha1.LinearityStraight},
	} {
		random := simulate.Source(name)
		e := chained(t, 6, func(s *v1alpha1.ExperimentSpec) { s.Factors.Hops = c.hops })
		s := find(t, slope.Of(cells(e, func(arm string, hops float64, round int) float64 {
			v := straight(arm, hops, round) * (1 + 0.01*random.NormFloat64())
			if int(hops) == c.hops[len(c.hops)-1] {
				v += c.last
			}
			return v
		})), "meshy", v1alpha1.MetricP50)
		if s.Linearity != c.want || (s.Bend != nil) != (c.want == v1alpha1.LinearityBent) || s.Value == nil {
			t.Errorf("%s: %s, %+v, want %s", name, s.Linearity, s.Bend, c.want)
		}
		last := s.Levels[len(s.Levels)-1]
		if s.Bend != nil && (s.Bend.Level != last || math.Abs(s.Bend.Off-c.last) > 0.1*c.last) {
			t.Errorf("%s: the bend is %+v, want %g at %s", name, s.Bend, c.last, last)
		}
	}
}

func TestWhereThereIsNoSlope(t *testing.T) {
	one := chained(t, 4, func(s *v1alpha1.ExperimentSpec) { s.Factors.Hops = v1alpha1.Values[int]{4} })
	if all := slope.Of(cells(one, straight)); len(all) > 0 {
		t.Errorf("one number of hops has %d slopes", len(all))
	}
	old := chained(t, 4, func(s *v1alpha1.ExperimentSpec) {
		s.Factors.Hops, s.Factors.Rate = nil, v1alpha1.Values[v1alpha1.Rate]{10, 20, 30}
	})
	old.Spec.Factors.Hops, old.Spec.Factors.FanOut = nil, nil // a report of a release without chains
	if all := slope.Of(cells(old, straight)); len(all) > 0 {
		t.Errorf("rates have %d slopes", len(all))
	}
	for connections, want := range map[int]bool{1: true, 16: false} {
		closed := chained(t, 4, func(s *v1alpha1.ExperimentSpec) {
			s.Factors.Rate, s.Factors.Connections = nil, v1alpha1.Values[int]{connections}
		})
		s := find(t, slope.Of(cells(closed, straight)), "meshy", v1alpha1.MetricP50)
		if (s.Value != nil) != want || (s.Missing == "") != want {
			t.Errorf("closed loop of %d connections: %+v", connections, s)
		}
	}
}

// Levels that differ in another factor as well are on lines of their own.
func TestEachSettingHasItsOwnLine(t *testing.T) {
	e := chained(t, 4, func(s *v1alpha1.ExperimentSpec) { s.Factors.ResponseBytes = v1alpha1.Values[int64]{0, 1000} })
	all := slope.Of(cells(e, straight))
	if len(all) != 4 || all[0].Levels[0] != "responseBytes=0,hops=1" || all[2].Levels[3] != "responseBytes=1000,hops=8" {
		t.Errorf("%d slopes: %+v", len(all), all)
	}
}

// Noise grows with the way, rounds drift: the intervals still hold the truth, and a
// straight line is called bent in at most 5 %.
func TestHowOftenSlopesAreWrong(t *testing.T) {
	const n = 1000
	e := chained(t, 6, nil)
	run := func(random *rand.Rand, noise float64) v1alpha1.Slope {
		drift := map[int]float64{}
		for round := 1; round <= 6; round++ {
			drift[round] = 1 + 0.1*random.NormFloat64()
		}
		r := cells(e, func(arm string, hops float64, round int) float64 {
			return (0.001 + each(arm)*hops) * drift[round] * (1 + noise*random.NormFloat64())
		})
		return find(t, slope.Of(r), "meshy", v1alpha1.MetricP50)
	}
	for name, c := range map[string]struct {
		noise, least float64
		is           func(v1alpha1.Slope) bool
	}{
		"the interval of a slope holds it": {0.03, 0.95, func(s v1alpha1.Slope) bool { return holds(s.Value, 0.0019) }},
		"that of the difference holds it": {0.03, 0.95,
			func(s v1alpha1.Slope) bool { return holds(s.Difference, 0.0017) }},
		"that of the ratio holds it":          {0.03, 0.95, func(s v1alpha1.Slope) bool { return holds(s.Ratio, 9.5) }},
		"a straight line is not said to bend": {0.1, 0.95, func(s v1alpha1.Slope) bool { return s.Bend == nil }},
	} {
		share := simulate.Share(t, name, n, func(random *rand.Rand) bool { return c.is(run(random, c.noise)) })
		simulate.AtLeast(t, name, share, c.least, n)
	}
	bent := simulate.Share(t, "20 % more at the last level is found", n, func(random *rand.Rand) bool {
		return find(t, slope.Of(cells(e, func(arm string, hops float64, round int) float64 {
			v := (0.001 + each(arm)*hops) * (1 + 0.03*random.NormFloat64())
			if hops == 8 {
				v *= 1.2
			}
			return v
		})), "meshy", v1alpha1.MetricP50).Bend != nil
	})
	simulate.AtLeast(t, "a bend is found", bent, 0.8, n)
}
