package compare

import (
	"fmt"
	"math"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// sides are the reports before and after, arranged.
type sides struct {
	before, after []report.Index
	findings      []v1alpha1.Finding
	// copied are the cells with a histogram that another report has as well.
	copied map[v1alpha1.Address]bool
	// path holds that of each arm in each report that tells it.
	path map[string][]v1alpha1.Path
	// cells are those of the first report before, comparisons those of the first
	// report of either side, ofBefore of them of the side before.
	cells       []v1alpha1.Cell
	comparisons []v1alpha1.Comparison
	ofBefore    int
}

func newSides(before, after []v1alpha1.Report) sides {
	s := sides{copied: map[v1alpha1.Address]bool{}, path: map[string][]v1alpha1.Path{}, cells: before[0].Cells,
		comparisons: slices.Concat(before[0].Comparisons, after[0].Comparisons), ofBefore: len(before[0].Comparisons)}
	from := map[string]int{}
	for i, r := range slices.Concat(before, after) {
		x := report.IndexOf(r)
		if i < len(before) {
			s.before = append(s.before, x)
		} else {
			s.after = append(s.after, x)
		}
		s.findings = append(s.findings, r.Findings...)
		for _, a := range r.Arms {
			if a.DataPlane != nil {
				s.path[a.Name] = append(s.path[a.Name], a.DataPlane.Path)
			}
		}
		for _, t := range r.Trials {
			if t.Load == nil || t.Load.ServiceTime == nil || t.Load.ServiceTime.Count < enoughToBeUnique {
				continue
			}
			if first, seen := from[t.Load.ServiceTime.Data]; seen && first != i {
				s.copied[t.Cell()] = true
			} else if !seen {
				from[t.Load.ServiceTime.Data] = i
			}
		}
	}
	return s
}

// enoughToBeUnique: so many samples never fall into the same buckets twice.
const enoughToBeUnique = 100

func (s sides) all() []report.Index {
	return slices.Concat(s.before, s.after)
}

func (s sides) several() bool { return len(s.before) > 1 || len(s.after) > 1 }

// common are the comparisons at the levels that both sides have, each once. What
// one side lacks there is among them, a metric or a whole arm: it is not judged,
// and that is said. The control is not: it is the baseline, and what it differs by
// is noise.
func (s sides) common() []v1alpha1.Comparison {
	type figure struct {
		v1alpha1.Address
		v1alpha1.Metric
	}
	seen := map[figure]bool{}
	var out []v1alpha1.Comparison
	for i, c := range s.comparisons {
		has := func(x report.Index) bool {
			_, ok := x.Cell(c.Address)
			return ok
		}
		both := has(s.before[0]) && has(s.after[0])
		if _, level := s.after[0].Cell(c.Of(s.after[0].Baseline().Name)); i < s.ofBefore && level {
			both = true
		}
		at := figure{c.Address, c.Metric}
		if !seen[at] && both && s.before[0].Role(c.Arm) != v1alpha1.RoleControl &&
			s.after[0].Role(c.Arm) != v1alpha1.RoleControl {
			out = append(out, c)
		}
		seen[at] = true
	}
	return out
}

// first reports whether a metric is what its level asks first. Only an open
// schedule has response times.
func (s sides) first(at v1alpha1.Address, m v1alpha1.Metric) bool {
	schedule := v1alpha1.RateMax
	if trials := s.before[0].Trials(at); len(trials) > 0 && trials[0].Load.ResponseTime != nil {
		schedule = 1
	}
	return m == metric.Steady(schedule)
}

// measured reports whether any report has a value of a round, or knows that it
// lies above something. A high percentile has none where no round sent enough.
func (s sides) measured(at v1alpha1.Address, m metric.Metric) bool {
	for _, x := range s.all() {
		c, _ := x.Cell(at)
		v, ok := report.Value(c, m.Name)
		if !ok || v.Value != nil && m.GoesWithoutSaying(c) {
			continue
		}
		if len(v.PerRound) > 0 || v.AtLeast != nil {
			return true
		}
	}
	return false
}

// tooFew says why there is no shift.
func (s sides) tooFew() string {
	if s.several() {
		return fmt.Sprintf("%d reports in all: where a side has several they are what is repeated, and %d are the least",
			len(s.all()), stats.MinPairs)
	}
	return fmt.Sprintf("fewer than %d rounds of a report have a value of both arms", stats.MinPairs)
}

// shift is by how much the logarithm of the ratio, or the difference of a share,
// moved.
func (s sides) shift(at v1alpha1.Address, m metric.Metric) (stats.Shift, bool) {
	unseen := 0.0
	if m.Unit == v1alpha1.UnitRatio {
		unseen = s.unseen(at)
	}
	if !s.several() {
		shift, ok := stats.WelchShift(paired(s.after[0], at, m), paired(s.before[0], at, m))
		shift.Error = math.Hypot(shift.Error, unseen)
		return shift, ok
	}
	shift, ok := stats.PooledShift(reportMeans(s.after, at, m), reportMeans(s.before, at, m))
	shift.Error = math.Hypot(shift.Error, unseen)
	return shift, ok
}

// reportMeans are the means over rounds of each report that has any.
func reportMeans(side []report.Index, at v1alpha1.Address, m metric.Metric) (out []float64) {
	for _, x := range side {
		if rounds := paired(x, at, m); len(rounds) > 0 {
			out = append(out, stats.Mean(rounds))
		}
	}
	return out
}

// over is what the reports of a side say together of an arm and its baseline.
func over(side []report.Index, at v1alpha1.Address, m metric.Metric) *v1alpha1.Estimate {
	e := stats.MeanInterval(reportMeans(side, at, m))
	if m.ByDifference() {
		if e.Low != nil && m.Unit == v1alpha1.UnitRatio { // rounds that agree to the last request prove no more than that
			half := math.Hypot((*e.High-*e.Low)/2, normal95*unseenOn(side, at))
			low, high := e.Value-half, e.Value+half
			e.Low, e.High = &low, &high
		}
		return &e
	}
	e.Value = math.Exp(e.Value)
	if e.Low != nil {
		low, high := math.Exp(*e.Low), math.Exp(*e.High)
		e.Low, e.High = &low, &high
	}
	return &e
}

// unseen is the error of a share of requests that one failure more in each cell
// makes: none seen in a few requests does not tell that there are none.
func (s sides) unseen(at v1alpha1.Address) float64 {
	return math.Hypot(unseenOn(s.before, at), unseenOn(s.after, at))
}

// normal95 is how many standard errors a 95 % interval reaches to either side.
const normal95 = 1.96

// unseenOn is that of the cells of one side.
func unseenOn(side []report.Index, at v1alpha1.Address) float64 {
	var squares float64
	for _, arm := range []string{at.Arm, side[0].Baseline().Name} {
		var requests float64
		for _, x := range side {
			c, _ := x.Cell(at.Of(arm))
			requests += float64(c.Requests + c.Errors)
		}
		squares += 1 / math.Pow(max(1, requests), 2)
	}
	return math.Sqrt(squares)
}

// paired are the logarithms of arm / baseline of each round that has both; of a
// share of requests, arm - baseline.
func paired(x report.Index, at v1alpha1.Address, m metric.Metric) []float64 {
	perRound := func(at v1alpha1.Address) []v1alpha1.RoundValue {
		c, _ := x.Cell(at)
		v, _ := report.Value(c, m.Name)
		return v.PerRound
	}
	base := map[int]float64{}
	for _, one := range perRound(at.Of(x.Baseline().Name)) {
		base[one.Round] = one.Value
	}
	var out []float64
	for _, one := range perRound(at) {
		b, ok := base[one.Round]
		switch {
		case !ok:
		case m.ByDifference():
			out = append(out, one.Value-b)
		case b > 0 && one.Value > 0:
			out = append(out, math.Log(one.Value)-math.Log(b))
		}
	}
	return out
}
