package analyse

import (
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/precision"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// compare sets every metric of every arm against the baseline of its level, and
// says which differences the run may claim.
func compare(d *data) []v1alpha1.Comparison {
	var out []v1alpha1.Comparison
	var family []tested
	for _, c := range d.cells {
		if c.at.Arm == d.baseline.Name {
			continue
		}
		base := d.byAddress[c.at.Of(d.baseline.Name)]
		for _, v := range c.summary {
			if c.none[v.Metric] && base.none[v.Metric] {
				continue // there is nothing to compare
			}
			first := precision.First(c.experiment)
			m, _ := metric.Find(v.Metric)
			one, values := subtractedPair(m, c.against(v.Metric), base.against(v.Metric), c.idle[v.Metric],
				base.idle[v.Metric], first)
			switch {
			case c.overloaded || base.overloaded:
				one, values = v1alpha1.Comparison{Conclusion: v1alpha1.ConclusionOverloaded}, nil
			case c.bounded(v.Metric) || base.bounded(v.Metric):
				one, values = v1alpha1.Comparison{Conclusion: v1alpha1.ConclusionBound}, nil
			}
			one.Address, one.Metric = c.at, v.Metric
			out = append(out, one)
			family = append(family, tested{values: values, first: pairsUpTo(c.against(v.Metric), base.against(v.Metric), first),
				question: questionOf(v.Metric, c.level, c.disturbed()), exact: m.Disturbed,
				unresolved: values != nil && c.unresolved(v.Unit, one.Difference.Value, one.Ratio)})
		}
	}
	var decidable []tested
	for i, t := range family {
		if t.Comparison = &out[i]; t.values != nil {
			decidable = append(decidable, t)
		}
	}
	decide(decidable)
	return out
}

// paired compares two series of a metric round by round. Shares and numbers of requests,
// which are often 0, have a difference but no ratio, and neither has what is 0 in a round. The
// values are what is tested to be 0 on average, nil where rounds are too few for a
// test. If the first rounds decided how many there are, intervals rest on their
// deviation.
func paired(m metric.Metric, arm, base []v1alpha1.RoundValue, first int) (out v1alpha1.Comparison,
	values []float64) {
	atBase := map[int]float64{}
	for _, v := range base {
		atBase[v.Round] = v.Value
	}
	var a, b []float64
	for _, v := range arm {
		if w, ok := atBase[v.Round]; ok {
			a, b = append(a, v.Value), append(b, w)
		}
	}
	out = v1alpha1.Comparison{Pairs: len(a), Conclusion: v1alpha1.ConclusionInconclusive}
	if len(a) == 0 {
		return out, nil
	}
	values = stats.Differences(a, b)
	decided := pairsUpTo(arm, base, first)
	difference := stats.SteinInterval(values, decided)
	out.Difference = &difference
	if logs, ok := stats.LogRatios(a, b); ok && !m.ByDifference() {
		ratio := stats.Exp(stats.SteinInterval(logs, decided))
		out.Ratio, values = &ratio, logs
	}
	if len(values) < stats.MinPairs {
		return out, nil
	}
	p := stats.Wilcoxon(values)
	out.PValue = &p
	return out, values
}

// pairsUpTo counts the rounds up to one that both series have.
func pairsUpTo(arm, base []v1alpha1.RoundValue, round int) int {
	n := 0
	for _, v := range arm {
		if v.Round <= round && slices.ContainsFunc(base, func(b v1alpha1.RoundValue) bool { return b.Round == v.Round }) {
			n++
		}
	}
	return n
}

// bounded reports whether a metric is only known to be above something, in any
// round.
func (c *cell) bounded(name v1alpha1.Metric) bool {
	m, _ := metric.Find(name)
	for _, v := range c.summary {
		if v.Metric == name {
			return v.AtLeast != nil ||
				v.Value != nil && v.Unit == v1alpha1.UnitSeconds && v.PerRound == nil && !m.Answered && c.missing()
		}
	}
	return false
}

// missing reports whether some request had no answer as asked.
func (c *cell) missing() bool {
	for _, r := range c.rounds {
		if r.trial.Load.Unsent > 0 || r.trial.Load.Failed() > 0 {
			return true
		}
	}
	return false
}
