package search

import (
	"maps"
	"math"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/gate"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
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
func Records(trials []v1alpha1.Trial, slo gate.SLO, at v1alpha1.Address) []Record {
	byStep := map[int]Record{}
	for _, t := range trials {
		if t.Cell() != at || t.Rate == nil {
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
	if !t.Usable() {
		return r
	}
	r.Achieved = float64(t.Load.Requests) / t.Window.Seconds
	if r.Rate == 0 && r.Achieved == 0 {
		return r // a closed loop without answers tells nothing
	}
	value, keeps, err := slo.OnTrial(t)
	if err != nil {
		return r // its histogram cannot be read
	}
	r.Value, r.Outcome = value, Fails
	// One request may fall to either side of the window's ends.
	due := r.Rate*t.Window.Seconds - 1
	if keeps && float64(t.Load.Requests) >= answeredShare*due {
		r.Outcome = Holds
	}
	r.Margin = marginOf(r, slo)
	return r
}

// marginOf is how far a latency is from its bound. Of other metrics, and where it
// was not the latency that broke the objective, only the outcome is known.
func marginOf(r Record, slo gate.SLO) *float64 {
	m, _ := metric.Find(slo.Metric)
	if !m.IsLatency() || slo.Above || r.Value == nil || !(*r.Value > 0 && slo.Bound > 0) {
		return nil
	}
	margin := math.Log(*r.Value / slo.Bound)
	if (r.Outcome == Holds) != (margin <= 0) {
		return nil
	}
	return &margin
}
