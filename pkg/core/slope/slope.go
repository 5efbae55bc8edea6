// Package slope says what each further step of a factor adds: what a hop costs, in
// latency and CPU, in each arm and against the baseline. Like effects, slopes need
// nothing of a report but its experiments and cells, so that they follow from reports
// of any age. It is pure.
package slope

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/factor"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/precision"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

// Metrics are those that have a slope.
func Metrics() []metric.Metric {
	return slices.DeleteFunc(append(metric.Load(), metric.Total()), func(m metric.Metric) bool { return !m.Sloped })
}

// Of are the slopes of a report: by experiment, factor, setting of the other
// factors, arm and metric. A factor with fewer than two values has none.
func Of(r v1alpha1.Report) []v1alpha1.Slope {
	x := reading{report: r, index: report.IndexOf(r)}
	var all []v1alpha1.Slope
	for _, e := range r.Experiments {
		if e.Spec.Search != nil {
			continue // it chose its rates itself, and differently for each arm
		}
		for _, s := range sweeps(e) {
			all = append(all, x.slopes(s, experiment.Arms(e, r.Arms))...)
		}
	}
	return all
}

// sweep is levels that differ in nothing but one factor, by its rising value.
type sweep struct {
	experiment v1alpha1.Experiment
	factor     factor.Factor
	per        string
	levels     []v1alpha1.Level
	// places are where the levels stand on the factor's axis.
	places []float64
}

func sweeps(e v1alpha1.Experiment) []sweep {
	var out []sweep
	for _, f := range factor.All() {
		axis, ok := f.Axis()
		if !ok || axis.Per == "" {
			continue
		}
		levels := experiment.Levels(e)
		place := func(l v1alpha1.Level) float64 { v, _ := axis.At(l); return v }
		for len(levels) > 0 {
			rest := f.Rest(levels[0])
			s := sweep{experiment: e, factor: f, per: axis.Per}
			levels = slices.DeleteFunc(levels, func(l v1alpha1.Level) bool {
				same := f.Rest(l) == rest
				if same {
					s.levels = append(s.levels, l)
				}
				return same
			})
			slices.SortStableFunc(s.levels, func(a, b v1alpha1.Level) int { return cmp.Compare(place(a), place(b)) })
			for _, l := range s.levels {
				s.places = append(s.places, place(l))
			}
			if s.places[0] < s.places[len(s.places)-1] {
				out = append(out, s)
			}
		}
	}
	return out
}

// reading is a report while slopes are read from it.
type reading struct {
	report v1alpha1.Report
	index  report.Index
}

// slopes are those of one sweep. An arm without any value of a metric has none of it.
func (x reading) slopes(s sweep, arms []v1alpha1.Arm) []v1alpha1.Slope {
	baseline := x.index.Baseline().Name
	var out []v1alpha1.Slope
	for _, a := range arms {
		for _, m := range Metrics() {
			own, measured := x.fit(s, a.Name, m)
			if !measured {
				continue
			}
			one := own.slope
			if a.Name != baseline && baseline != "" {
				base, _ := x.fit(s, baseline, m)
				against(&one, base.slope, precision.First(s.experiment))
			}
			out = append(out, one)
		}
	}
	return out
}

// fit fits one arm's lines; measured is false where no level has anything to say of
// the metric.
func (x reading) fit(s sweep, arm string, m metric.Metric) (l lines, measured bool) {
	l = lines{places: s.places, slope: v1alpha1.Slope{Experiment: s.experiment.Metadata.Name, Arm: arm,
		Factor: s.factor.Name(), PerUnit: s.per, Metric: m.Name, Unit: m.Unit}}
	rounds := map[int][]float64{}
	for i, level := range s.levels {
		l.slope.Levels = append(l.slope.Levels, level.ID)
		c, _ := x.index.Cell(v1alpha1.Address{Experiment: s.experiment.Metadata.Name, Level: level.ID, Arm: arm})
		v, _ := report.Value(c, m.Name)
		measured = measured || v.Value != nil || v.AtLeast != nil
		l.slope.Missing = cmp.Or(l.slope.Missing, why(level, c, v))
		for _, r := range v.PerRound {
			if len(rounds[r.Round]) == i { // all levels before have a value of the round
				rounds[r.Round] = append(rounds[r.Round], r.Value)
			}
		}
	}
	l.slope.Missing = cmp.Or(x.unsuited(s, m), l.slope.Missing)
	if l.slope.Missing == "" {
		l.through(rounds, precision.First(s.experiment))
	}
	return l, measured
}

// why says why a level may not be on a line, as nobody knows its value or may
// compare it; empty if it may.
func why(l v1alpha1.Level, c v1alpha1.Cell, v v1alpha1.MetricValue) string {
	switch {
	case c.Void:
		return l.ID + " is void"
	case c.Overloaded:
		return l.ID + " is overloaded"
	case v.AtLeast != nil:
		return "only a lower bound is known at " + l.ID
	case v.Value == nil:
		return fmt.Sprintf("%s at %s", cmp.Or(v.Missing, "no data"), l.ID)
	case len(v.PerRound) == 0:
		return "no round has a value at " + l.ID
	}
	return ""
}

// unsuited says why levels of a closed loop have no line of a metric. Of several
// connections latency is their number by the throughput, whatever a step adds; and
// what is taken off costs for the use without load is not the same for each request
// where arms choose their rate, so that its error would pass for a slope.
func (x reading) unsuited(s sweep, m metric.Metric) string {
	l := s.levels[0]
	switch {
	case !l.Rate.ClosedLoop():
		return ""
	case m.IsLatency() && l.Connections > 1:
		return "in a closed loop of several connections latency says how saturated it is: give a rate"
	case m.Signed && (x.report.Idle != nil || len(x.report.IdleWindows) > 0):
		return "in a closed loop the use without load is no fixed share of a request: give a rate"
	}
	return ""
}
