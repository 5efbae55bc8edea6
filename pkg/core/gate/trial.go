package gate

import (
	"errors"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// OnTrial holds one usable trial to an absolute objective, without an interval:
// a single trial has none. The value is the metric's, in its unit, and nil where
// no request was answered; such a trial does not keep the objective. It is an
// error if the trial's histogram cannot be read.
func (s SLO) OnTrial(t v1alpha1.Trial) (value *float64, keeps bool, err error) {
	v, ok, err := valueOf(t, s.Metric)
	if err != nil || !ok {
		return nil, false, err
	}
	return &v, s.Holds(v) && !s.Hidden(t.Load.Requests, t.Load.Failed()), nil
}

// valueOf is a metric of one trial; ok is false without anything to tell it from.
func valueOf(t v1alpha1.Trial, m v1alpha1.Metric) (value float64, ok bool, err error) {
	if m == v1alpha1.MetricErrors {
		all := t.Load.Requests + t.Load.Failed()
		return float64(t.Load.Failed()) / float64(max(all, 1)), all > 0, nil
	}
	if t.Load.Requests == 0 {
		return 0, false, nil
	}
	h, err := stats.FromAPI(t.Load.Latency())
	switch {
	case err != nil:
		return 0, false, err
	case h.Count() == 0:
		return 0, false, errors.New("the histogram is empty, though requests were answered")
	}
	switch m {
	case v1alpha1.MetricMean:
		return h.Mean().Seconds(), true, nil
	case v1alpha1.MetricMax:
		return h.Max().Seconds(), true, nil
	case v1alpha1.MetricP50:
		return h.Quantile(0.5).Seconds(), true, nil
	case v1alpha1.MetricP90:
		return h.Quantile(0.9).Seconds(), true, nil
	case v1alpha1.MetricP999:
		return h.Quantile(0.999).Seconds(), true, nil
	case v1alpha1.MetricP9999:
		return h.Quantile(0.9999).Seconds(), true, nil
	default:
		return h.Quantile(0.99).Seconds(), true, nil
	}
}
