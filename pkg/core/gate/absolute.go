package gate

import (
	"cmp"
	"fmt"
	"math"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// absolute is the estimate of the arm's own figure, from all rounds together:
// percentiles are those of all requests, never an average of percentiles.
func (s SLO) absolute(x report.Index, c v1alpha1.Cell) (estimate *v1alpha1.Estimate, why string) {
	v, ok := report.Value(c, s.Metric)
	if !ok {
		return nil, "no data"
	}
	if s.Metric == v1alpha1.MetricErrors {
		return s.share(x.Trials(c.Address), v)
	}
	m, _ := metric.Find(s.Metric)
	if m.IsLatency() {
		return s.latency(m, x.Trials(c.Address), v)
	}
	if v.Missing != "" || v.Value == nil {
		return nil, cmp.Or(v.Missing, "no data")
	}
	e := stats.Jackknife(len(v.PerRound), func(rounds []int) float64 {
		var taken []float64
		for _, i := range rounds {
			taken = append(taken, v.PerRound[i].Value)
		}
		return stats.Mean(taken)
	})
	if e.Low != nil && !m.Signed {
		low := max(*e.Low, 0)
		e.Low = &low
	}
	return &e, ""
}

// latency is the estimate of a latency. Without an upper bound, because too many
// requests had no answer, there is one only if every round breaks the objective.
func (s SLO) latency(m metric.Metric, trials []v1alpha1.Trial, v v1alpha1.MetricValue) (estimate *v1alpha1.Estimate,
	why string) {
	rounds := make([]*stats.Waits, 0, len(trials))
	breaks := len(trials) >= stats.MinPairs && !s.Above
	for _, t := range trials {
		w, err := stats.WaitsOf(t.Load)
		if err != nil {
			continue // a finding says so
		}
		rounds = append(rounds, w)
		low, _ := m.Waited(w)
		breaks = breaks && !s.Holds(low)
	}
	if v.AtLeast != nil && breaks {
		never := math.Inf(1)
		return &v1alpha1.Estimate{Value: *v.AtLeast, Low: v.AtLeast, High: &never}, ""
	}
	if v.AtLeast != nil {
		return nil, fmt.Sprintf("%s is above %s, and how far is not known: too many requests had no answer", s.Metric,
			s.text(*v.AtLeast))
	}
	if v.Missing != "" || v.Value == nil || len(rounds) == 0 {
		return nil, cmp.Or(v.Missing, "no data")
	}
	if m.OneSample { // one request: what was seen, no more
		return &v1alpha1.Estimate{Value: *v.Value, Low: v.Value, High: v.Value}, ""
	}
	bounded := true
	e := stats.Jackknife(len(rounds), func(taken []int) float64 {
		all := stats.NewWaits()
		for _, i := range taken {
			_ = all.Merge(rounds[i]) // of one resolution, so that it cannot fail
		}
		d, atLeast := m.Waited(all)
		bounded = bounded && !atLeast
		return math.Log(max(d, 1e-9))
	})
	if !bounded {
		return nil, fmt.Sprintf("%s is %s, and not known without one of the rounds: too many requests had no answer",
			s.Metric, s.text(*v.Value))
	}
	out := v1alpha1.Estimate{Value: *v.Value}
	if e.Low != nil {
		low, high := math.Exp(*e.Low), math.Exp(*e.High)
		out.Low, out.High = &low, &high
	}
	return &out, ""
}
