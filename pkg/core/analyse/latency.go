package analyse

import (
	"fmt"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// latencyValue is a latency of a histogram, or why there is none.
func latencyValue(m metric.Metric, h *stats.Histogram) v1alpha1.MetricValue {
	out := v1alpha1.MetricValue{Metric: m.Name, Unit: m.Unit}
	switch {
	case h.Count() == 0:
		out.Missing = "no data"
		return out
	case h.Count() < m.Needs():
		out.Missing = fmt.Sprintf("n/a: needs >= %d samples", m.Needs())
		return out
	}
	v := m.Of(h)
	out.Value = &v
	if m.Quantile > 0 {
		above := h.CountAbove(h.Quantile(m.Quantile))
		out.SamplesAbove = &above
	}
	return out
}
