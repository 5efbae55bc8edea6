// Package effect answers what comparisons within a level do not: what a factor
// does to each arm, and whether it changes what the mesh costs. It needs nothing
// of a report but its experiments and cells, so that it works on reports of any
// age. It is pure.
package effect

import (
	"math"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// Of are the effects of a report: by experiment, factor, level, arm and metric. Of
// reports in which no level differs from another, at most 5 % claim any effect.
func Of(r v1alpha1.Report) []v1alpha1.Effect {
	x := reading{report: r, index: report.IndexOf(r), stand: map[v1alpha1.Address]bool{}}
	baseline := x.index.Baseline().Name
	var all []v1alpha1.Effect
	var family []tested
	add := func(c contrast, arm v1alpha1.Arm, m metric.Metric, of v1alpha1.EffectOf) {
		q := question{contrast: c, metric: m, of: of}
		q.at = [2]v1alpha1.Address{{Experiment: c.experiment, Level: c.level.ID, Arm: arm.Name},
			{Experiment: c.against, Level: c.first.ID, Arm: arm.Name}}
		q.base = baseline
		if e, t, ok := x.answer(q); ok {
			all, family = append(all, e), append(family, t)
		}
	}
	for _, c := range contrasts(r) {
		metrics := compared(c)
		for _, arm := range c.arms {
			for _, m := range metrics {
				add(c, arm, m, v1alpha1.EffectOfValue)
				if arm.Role != v1alpha1.RoleBaseline && baseline != "" {
					add(c, arm, m, v1alpha1.EffectOfRatio)
				}
			}
		}
	}
	decide(all, family)
	return all
}

// compared are the metrics that mean the same at both levels: a schedule gives
// the throughput, and its latencies count from when a request was due.
func compared(c contrast) []metric.Metric {
	var out []metric.Metric
	closed := c.level.Rate.ClosedLoop()
	same := closed == c.first.Rate.ClosedLoop()
	for _, m := range metric.Table(true) {
		switch {
		case m.OneSample || m.ByDifference():
		case m.IsLatency() && !same:
		case m.Name == v1alpha1.MetricThroughput && (!same || !closed):
		default:
			out = append(out, m)
		}
	}
	return out
}

// question is what one effect answers.
type question struct {
	contrast
	metric metric.Metric
	of     v1alpha1.EffectOf
	// at are the arm's cells at the level and at the first one.
	at   [2]v1alpha1.Address
	base string
}

// cells are those that the answer rests on.
func (q question) cells() []v1alpha1.Address {
	all := []v1alpha1.Address{q.at[0], q.at[1]}
	if q.of == v1alpha1.EffectOfRatio {
		all = append(all, q.at[0].Of(q.base), q.at[1].Of(q.base))
	}
	return all
}

// reading is a report while effects are read from it.
type reading struct {
	report v1alpha1.Report
	index  report.Index
	// stand caches whether the cost of a cell stands out from the idle use.
	stand map[v1alpha1.Address]bool
}

// answer sets one quantity of an arm at two levels against each other; ok is
// false where neither has any value of it.
func (x *reading) answer(q question) (e v1alpha1.Effect, t tested, ok bool) {
	e = v1alpha1.Effect{
		Address: q.at[0], Reference: q.at[1],
		Factor: q.factor.Name(), Value: q.factor.Value(q.level), First: q.factor.Value(q.first),
		Of: q.of, Metric: q.metric.Name, Paired: q.paired(), Conclusion: v1alpha1.ConclusionInconclusive,
	}
	for _, at := range q.cells() {
		c, _ := x.index.Cell(at)
		v, _ := report.Value(c, q.metric.Name)
		ok = ok || len(v.PerRound) > 0 || v.AtLeast != nil
		e.Conclusion = worse(e.Conclusion, c, v)
	}
	if e.Conclusion != v1alpha1.ConclusionInconclusive {
		return e, tested{}, ok
	}
	after, before := x.logs(q, 0), x.logs(q, 1)
	if q.metric.Signed {
		for _, at := range q.cells() {
			if !x.standsOut(at) {
				after, before = nil, nil
			}
		}
	}
	s, rounds, known := shiftOf(after, before, q.paired(), q.decided)
	if e.Rounds = rounds; !known {
		return e, tested{}, ok
	}
	e.Ratio = &v1alpha1.Estimate{Value: math.Exp(s.Value)}
	if rounds < stats.MinPairs {
		return e, tested{}, ok
	}
	low, high := s.Interval()
	low, high = math.Exp(low), math.Exp(high)
	e.Ratio.Low, e.Ratio.High = &low, &high
	return e, tested{shift: &s, weight: weightOf(q), unresolved: math.Abs(s.Value) <= x.resolution(q)}, ok
}

// worse is why a cell forbids to compare a value of it.
func worse(so v1alpha1.Conclusion, c v1alpha1.Cell, v v1alpha1.MetricValue) v1alpha1.Conclusion {
	switch {
	case c.Void || so == v1alpha1.ConclusionVoid:
		return v1alpha1.ConclusionVoid
	case c.Overloaded || so == v1alpha1.ConclusionOverloaded:
		return v1alpha1.ConclusionOverloaded
	case v.AtLeast != nil:
		return v1alpha1.ConclusionBound
	}
	return so
}

// logs are the logarithms of what is compared in each round: of the arm's value,
// or of its ratio to the baseline. A round without both has none; nil if any value
// has no logarithm.
func (x *reading) logs(q question, which int) map[int]float64 {
	of := func(at v1alpha1.Address) map[int]float64 {
		c, _ := x.index.Cell(at)
		v, _ := report.Value(c, q.metric.Name)
		out := map[int]float64{}
		for _, r := range v.PerRound {
			l := math.Log(r.Value)
			if math.IsNaN(l) || math.IsInf(l, 0) {
				return nil
			}
			out[r.Round] = l
		}
		return out
	}
	arm := of(q.at[which])
	if q.of != v1alpha1.EffectOfRatio {
		return arm
	}
	base, out := of(q.at[which].Of(q.base)), map[int]float64{}
	for round, l := range arm {
		if b, ok := base[round]; ok {
			out[round] = l - b
		}
	}
	return out
}

// shiftOf is by how much logarithms moved, over how many rounds. Those of one
// experiment are paired by round; those of two are two samples, whose rounds have
// nothing in common. known is false if there are none.
func shiftOf(after, before map[int]float64, paired bool,
	decided int) (s stats.Shift, rounds int, known bool) {
	if paired {
		var differences []float64
		first := 0
		for _, round := range sorted(after) {
			if b, ok := before[round]; ok {
				differences = append(differences, after[round]-b)
				if round <= decided {
					first++
				}
			}
		}
		s, known = stats.SteinShift(differences, first)
		return s, len(differences), known
	}
	a, b := inOrder(after), inOrder(before)
	rounds = min(len(a), len(b))
	if s, known = stats.WelchShift(a, b); known {
		return s, rounds, true
	}
	return stats.Shift{Value: stats.Mean(a) - stats.Mean(b)}, rounds, rounds > 0
}
