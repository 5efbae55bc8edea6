package gate

import (
	"fmt"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
)

// OnTrial holds one usable trial to an absolute objective, without an interval:
// a single trial has none. The value is the metric's, in its unit, and nil where
// no request was answered; such a trial does not keep the objective. It is an
// error if the trial's histogram cannot be read.
func (s SLO) OnTrial(t v1alpha1.Trial) (value *float64, keeps bool, err error) {
	m, ok := metric.Find(s.Metric)
	if !ok {
		return nil, false, fmt.Errorf("metric %.40q is not known", s.Metric)
	}
	v, atLeast, ok, err := m.OfTrialOrMore(t)
	if err != nil || !ok {
		return nil, false, err
	}
	return &v, s.Holds(v) && (s.Above || !atLeast), nil
}
