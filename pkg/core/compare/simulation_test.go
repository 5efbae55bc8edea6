package compare

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
	"github.com/meshbench/kubectl-meshbench/test/simulate"
)

// twoSides is what a simulated gate compares: closed loops with 6 rounds in each
// report. Ratios of two sessions of one system differ by between (a standard
// deviation; each session has its share of that), and figures of a trial by noise.
type twoSides struct {
	levels, reports int
	noise, between  float64
	// apart is set where each level of a session is off by something else, instead
	// of the whole session.
	apart bool
	// effect makes the mesh dearer afterwards.
	effect  float64
	metrics []metric.Metric
}

// own is the part of a figure's variance that is its own; the rest all figures of
// a trial share.
const own = 0.3

func (s twoSides) String() string {
	kind := "each session"
	if s.apart {
		kind = "each level of a session"
	}
	return fmt.Sprintf("%d levels, %d reports a side, %.3g %% noise of a trial, %.3g %% between, for %s", s.levels,
		s.reports, 100*s.noise, 100*s.between, kind)
}

// gate is the outcome of one gate.
func (s twoSides) gate(random *rand.Rand) Result {
	before, after := s.session(random, 0), s.session(random, math.Log1p(s.effect))
	names := s.metrics
	var all []Change
	for level := range s.levels {
		for i, m := range names {
			c := Change{Address: v1alpha1.Address{Level: fmt.Sprint(level)}, Metric: m.Name, first: i == 0}
			at := level*len(names) + i
			shift, _ := stats.WelchShift(after[0][at], before[0][at])
			if s.reports > 1 {
				shift, _ = stats.PooledShift(means(after, at), means(before, at))
			}
			c.shift = &shift
			all = append(all, c)
		}
	}
	return Result{Changes: all, Tests: decide(all, MinChange), MinChange: MinChange}
}

func simulated() []metric.Metric {
	all := []metric.Metric{metric.Throughput()}
	for _, name := range []v1alpha1.Metric{v1alpha1.MetricP50, v1alpha1.MetricP90, v1alpha1.MetricP99, "p99.9",
		metric.Total().Name} {
		m, _ := metric.Find(name)
		all = append(all, m)
	}
	return all
}

func means(reports [][][]float64, at int) (out []float64) {
	for _, r := range reports {
		out = append(out, stats.Mean(r[at]))
	}
	return out
}

// session is each report's logarithms of ratios: by level and metric, by round.
func (s twoSides) session(random *rand.Rand, effect float64) (reports [][][]float64) {
	for range s.reports {
		var rows [][]float64
		off := s.between / math.Sqrt2 * random.NormFloat64()
		for range s.levels {
			if s.apart {
				off = s.between / math.Sqrt2 * random.NormFloat64()
			}
			level := make([][]float64, len(s.metrics))
			for range 6 {
				// Of the arm and of the baseline.
				shared := math.Sqrt(1-own) * (random.NormFloat64() - random.NormFloat64())
				for i, m := range s.metrics {
					dearer := effect + off + s.noise*(shared+math.Sqrt(own)*(random.NormFloat64()-random.NormFloat64()))
					if m.MoreIsBetter {
						dearer = -dearer // a dearer mesh carries less
					}
					level[i] = append(level[i], dearer)
				}
			}
			rows = append(rows, level...)
		}
		reports = append(reports, rows)
	}
	return reports
}

// Nothing changed but the session: at most 1 % of gates call anything a
// regression. Beyond the assumption (levels that are off apart, in trials without
// noise; sessions that differ by more) it is more, and bounded as well.
func TestSimulatedGatesRaiseNoFalseAlarm(t *testing.T) {
	for _, c := range []struct {
		runs   int
		atMost float64
		twoSides
	}{
		{2000, 0.01, twoSides{levels: 1, reports: 1, noise: 0.001, between: 0.02}},
		{2000, 0.01, twoSides{levels: 1, reports: 1, noise: 0.01, between: 0.02}},
		{2000, 0.01, twoSides{levels: 1, reports: 1, noise: 0.03, between: 0.02}},
		{500, 0.01, twoSides{levels: 4, reports: 1, noise: 0.001, between: 0.02}},
		{500, 0.01, twoSides{levels: 4, reports: 1, noise: 0.01, between: 0.02}},
		{500, 0.01, twoSides{levels: 4, reports: 1, noise: 0.01, between: 0.02, apart: true}},
		{500, 0.035, twoSides{levels: 4, reports: 1, noise: 0.001, between: 0.02, apart: true}},
		{1000, 0.02, twoSides{levels: 1, reports: 1, noise: 0.01, between: 0.028}},
		{500, 0.01, twoSides{levels: 1, reports: 5, noise: 0.01, between: 0.02}},
	} {
		c.metrics = simulated()
		name := "false alarm, " + c.String()
		alarms := simulate.Share(t, name, c.runs, func(r *rand.Rand) bool { return c.gate(r).Count(Regression) > 0 })
		simulate.AtMost(t, name, alarms, c.atMost, c.runs)
	}
}

// A true regression of 10 % is found where trials are quiet enough for six rounds
// to tell 10 % from the 5 % that do not matter. The other bounds keep true what is
// said of noisier trials.
func TestSimulatedGatesFindRegressions(t *testing.T) {
	for _, c := range []struct {
		atLeast, atMost float64
		twoSides
	}{
		{0.95, 1, twoSides{reports: 1, noise: 0.01}},
		{0.95, 1, twoSides{reports: 1, noise: 0.013}},
		{0.65, 0.8, twoSides{reports: 1, noise: 0.02}},
		{0.3, 0.5, twoSides{reports: 1, noise: 0.03}},
		{0.95, 1, twoSides{reports: 1, noise: 0.005, between: 0.02}},
		{0.85, 0.95, twoSides{reports: 1, noise: 0.01, between: 0.02}},
		{0.3, 0.5, twoSides{reports: 1, noise: 0.03, between: 0.02}},
		{0.65, 0.8, twoSides{reports: 3, noise: 0.01, between: 0.02}},
		{0.95, 1, twoSides{reports: 5, noise: 0.01, between: 0.02}},
		{0.95, 1, twoSides{reports: 8, noise: 0.03, between: 0.02}},
	} {
		const runs = 500
		c.levels, c.effect, c.metrics = 1, 0.1, simulated()
		name := "10 % found, " + c.String()
		found := simulate.Share(t, name, runs, func(r *rand.Rand) bool { return c.gate(r).Count(Regression) > 0 })
		simulate.AtLeast(t, name, found, c.atLeast, runs)
		simulate.AtMost(t, name, found, c.atMost, runs)
	}
}

// Of identical systems the throughput is called equivalent where trials are quiet
// enough for that.
func TestSimulatedGatesFindEquivalence(t *testing.T) {
	for _, c := range []struct {
		atLeast, atMost float64
		twoSides
	}{
		{0.98, 1, twoSides{reports: 1, noise: 0.01}},
		{0.35, 0.55, twoSides{reports: 1, noise: 0.02}},
		{0.75, 0.88, twoSides{reports: 1, noise: 0.01, between: 0.02}},
		{0.95, 1, twoSides{reports: 5, noise: 0.01, between: 0.02}},
	} {
		const runs = 300
		c.levels, c.metrics = 1, simulated()
		name := "throughput equivalent, " + c.String()
		found := simulate.Share(t, name, runs, func(r *rand.Rand) bool { return c.gate(r).Changes[0].Word == Equivalent })
		simulate.AtLeast(t, name, found, c.atLeast, runs)
		simulate.AtMost(t, name, found, c.atMost, runs)
	}
}
