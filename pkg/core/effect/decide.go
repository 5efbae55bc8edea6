package effect

import (
	"maps"
	"math"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// significance is how many reports in a hundred in which no level differs from
// another may claim any effect.
const significance = 0.05

// weight is what an effect may use of the family's error.
type weight int

// What a level asks first (the throughput of a closed loop, the median of a
// schedule) has most of it, as within a level.
const (
	first weight = iota
	shown
	detail
)

func shares() []float64 { return []float64{first: 0.80, shown: 0.15, detail: 0.05} }

func weightOf(q question) weight {
	steady := metric.Steady(q.level.Rate)
	if q.level.Rate.ClosedLoop() != q.first.Rate.ClosedLoop() {
		steady = metric.Total().Name // all that can be compared
	}
	switch {
	case q.metric.Name == steady:
		return first
	case q.metric.Leads:
		return shown
	}
	return detail
}

// tested is what the test of an effect needs.
type tested struct {
	// shift is nil where nothing is tested.
	shift  *stats.Shift
	weight weight
	// unresolved is set where the measurement cannot tell such a difference.
	unresolved bool
}

// decide says which effects may be claimed. They are a family of their own, apart
// from the comparisons within levels, adjusted by weighted Holm.
func decide(all []v1alpha1.Effect, family []tested) {
	var at, classes []int
	for i, t := range family {
		if t.shift != nil {
			at, classes = append(at, i), append(classes, int(t.weight))
		}
	}
	tests := make([]stats.Test, len(at))
	for k, weight := range stats.Shares(classes, shares()...) {
		t := family[at[k]]
		tests[k] = stats.Test{P: 1, Weight: weight}
		if !t.unresolved {
			tests[k].P = t.shift.TwoSided()
		}
	}
	for k, adjusted := range stats.Holm(tests) {
		e, t := &all[at[k]], family[at[k]]
		e.Conclusion, e.DecidedBy = v1alpha1.ConclusionNone, v1alpha1.DecidedByResolution
		if t.unresolved {
			continue
		}
		p := tests[k].P
		e.TestPValue, e.AdjustedPValue, e.DecidedBy = &p, &adjusted, v1alpha1.DecidedByAdjustedP
		switch {
		case adjusted > significance:
		case t.shift.Value > 0:
			e.Conclusion = v1alpha1.ConclusionHigher
		case t.shift.Value < 0:
			e.Conclusion = v1alpha1.ConclusionLower
		}
	}
}

// resolution is the least logarithm of a ratio that instruments tell from none.
func (x *reading) resolution(q question) float64 {
	least := metric.ResolvedRatio
	for _, at := range q.cells() {
		c, _ := x.index.Cell(at)
		v, ok := report.Value(c, q.metric.Name)
		if ok && v.Value != nil && v.Unit == v1alpha1.UnitSeconds && *v.Value > 0 {
			least = max(least, math.Log1p(metric.ResolvedSeconds / *v.Value))
		}
	}
	return least
}

// standsOut reports whether what all nodes spent on a cell's requests is clearly
// above what was taken off it.
func (x *reading) standsOut(at v1alpha1.Address) bool {
	known, ok := x.stand[at]
	if !ok {
		known = x.isClear(at)
		x.stand[at] = known
	}
	return known
}

func (x *reading) isClear(at v1alpha1.Address) bool {
	var costs []float64
	var idle, shared float64
	for _, t := range x.index.Trials(at) {
		a := resource.Of(t.Resources, resource.IdleOf(x.report, t)).Cores[v1alpha1.CostTotal]
		if a.Value == nil {
			continue
		}
		costs = append(costs, *a.Value)
		idle, shared = idle+a.Idle, shared+a.Shared
	}
	n := float64(len(costs))
	if n == 0 || idle == 0 {
		return true // nothing was taken off
	}
	return !resource.RestsOnShared(stats.Mean(costs), shared/n) && resource.StandsOut(costs, idle/n)
}

func sorted(of map[int]float64) []int { return slices.Sorted(maps.Keys(of)) }

func inOrder(of map[int]float64) []float64 {
	var out []float64
	for _, round := range sorted(of) {
		out = append(out, of[round])
	}
	return out
}
