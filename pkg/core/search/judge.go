package search

import (
	"maps"
	"slices"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/gate"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// answeredShare of the requests that were due must be answered as asked in the
// window, whatever the objective: a rate that is not reached does not hold.
const answeredShare = 0.99

// ConfigOf is a resolved experiment's search.
func ConfigOf(s v1alpha1.Search) Config {
	return Config{
		Low: float64(s.Low), High: float64(s.High), Resolution: s.Resolution,
		Confirmations: s.Confirmations, MaxTrials: s.MaxTrials,
	}
}

// Records are what the trials of one arm at one level say about an objective,
// in the order of their steps. A step counts once: by its trial with a result,
// or as void if no attempt had one. Trials of other cells are passed over.
func Records(trials []v1alpha1.Trial, slo gate.SLO, experiment, level, arm string) []Record {
	byStep := map[int]Record{}
	for _, t := range trials {
		if t.Experiment != experiment || t.Level != level || t.Arm != arm || t.Rate == nil {
			continue
		}
		if have, ok := byStep[t.Round]; !ok || have.Outcome == Void {
			byStep[t.Round] = Judge(t, slo)
		}
	}
	var all []Record
	for _, step := range slices.Sorted(maps.Keys(byStep)) {
		all = append(all, byStep[step])
	}
	return all
}

// Judge says what one trial of a search says about its rate.
func Judge(t v1alpha1.Trial, slo gate.SLO) Record {
	r := Record{Rate: float64(*t.Rate)}
	if t.Status != v1alpha1.TrialCompleted || t.Load == nil || t.Window == nil || !(t.Window.Seconds > 0) {
		return r
	}
	r.Achieved = float64(t.Load.Requests) / t.Window.Seconds
	if r.Rate == 0 && r.Achieved == 0 {
		return r // a closed loop without answers tells nothing
	}
	value, ok := valueOf(t, slo.Metric)
	if !ok && t.Load.Requests > 0 {
		return r // its histogram cannot be read
	}
	if ok {
		r.Value = &value
	}
	r.Outcome = Fails
	// One request may fall to either side of the window's ends.
	due := r.Rate*t.Window.Seconds - 1
	if ok && slo.Holds(value) && !slo.Hidden(t.Load.Requests, t.Load.Failed()) &&
		float64(t.Load.Requests) >= answeredShare*due {
		r.Outcome = Holds
	}
	return r
}

// valueOf is a metric of one trial. Latencies are response times, from the due
// instant, so that a queue at the generator counts.
func valueOf(t v1alpha1.Trial, m v1alpha1.Metric) (float64, bool) {
	if m == v1alpha1.MetricErrors {
		all := t.Load.Requests + t.Load.Failed()
		return float64(t.Load.Failed()) / float64(max(all, 1)), all > 0
	}
	from := t.Load.ResponseTime
	if from == nil {
		from = t.Load.ServiceTime
	}
	h, err := stats.FromAPI(from)
	if err != nil || h.Count() == 0 {
		return 0, false
	}
	return read(h, m).Seconds(), true
}

func read(h *stats.Histogram, m v1alpha1.Metric) time.Duration {
	switch m {
	case v1alpha1.MetricMean:
		return h.Mean()
	case v1alpha1.MetricMax:
		return h.Max()
	case v1alpha1.MetricP50:
		return h.Quantile(0.5)
	case v1alpha1.MetricP90:
		return h.Quantile(0.9)
	case v1alpha1.MetricP999:
		return h.Quantile(0.999)
	case v1alpha1.MetricP9999:
		return h.Quantile(0.9999)
	default:
		return h.Quantile(0.99)
	}
}
