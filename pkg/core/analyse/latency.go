package analyse

import (
	"fmt"
	"math"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// latencyMetric reads one figure from a histogram.
type latencyMetric struct {
	metric v1alpha1.Metric
	// quantile is set for percentiles, 0 < quantile < 1.
	quantile float64
	read     func(*stats.Histogram) time.Duration
}

// samplesAbove is how many samples are expected beyond a percentile before it
// is believed. Fewer, and a single slow request decides the figure.
const samplesAbove = 10

func latencies() []latencyMetric {
	return []latencyMetric{
		{metric: v1alpha1.MetricMean, read: (*stats.Histogram).Mean},
		{metric: v1alpha1.MetricP50, quantile: 0.5},
		{metric: v1alpha1.MetricP90, quantile: 0.9},
		{metric: v1alpha1.MetricP99, quantile: 0.99},
		{metric: v1alpha1.MetricP999, quantile: 0.999},
		{metric: v1alpha1.MetricP9999, quantile: 0.9999},
		{metric: v1alpha1.MetricMax, read: (*stats.Histogram).Max},
	}
}

// needs is the number of samples a percentile asks for: 10 / (1 - q).
func (m latencyMetric) needs() int64 {
	if m.quantile == 0 {
		return 1
	}
	return int64(math.Round(samplesAbove / (1 - m.quantile)))
}

func (m latencyMetric) of(h *stats.Histogram) v1alpha1.MetricValue {
	out := v1alpha1.MetricValue{Metric: m.metric, Unit: v1alpha1.UnitSeconds}
	switch {
	case h.Count() == 0:
		out.Missing = "no data"
		return out
	case h.Count() < m.needs():
		out.Missing = fmt.Sprintf("n/a: needs >= %d samples", m.needs())
		return out
	}
	if m.quantile == 0 {
		v := m.read(h).Seconds()
		out.Value = &v
		return out
	}
	d := h.Quantile(m.quantile)
	v, above := d.Seconds(), h.CountAbove(d)
	out.Value, out.SamplesAbove = &v, &above
	return out
}
