package analyse

import (
	"fmt"
	"math"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// latencyValue is a latency of all requests, or why there is none.
func latencyValue(m metric.Metric, w *stats.Waits) v1alpha1.MetricValue {
	out := v1alpha1.MetricValue{Metric: m.Name, Unit: m.Unit}
	w = m.Among(w)
	switch {
	case w.Answered.Count() == 0:
		out.Missing = "no data"
		return out
	case w.Count() < m.Needs():
		out.Missing = fmt.Sprintf("n/a: needs >= %s samples", words.Thousands(m.Needs()))
		return out
	}
	v, atLeast := m.Waited(w)
	d := time.Duration(math.Round(v * float64(time.Second)))
	if atLeast {
		out.AtLeast, out.Missing = &v, "> "+bound(d)
		return out
	}
	out.Value = &v
	if m.Quantile > 0 {
		above := w.Answered.CountAbove(d) + w.Count() - w.Answered.Count()
		out.SamplesAbove = &above
	}
	return out
}

// bound is a lower bound in two or three digits, which are not above it.
func bound(d time.Duration) string {
	unit, name := time.Microsecond, "us"
	switch {
	case d >= time.Second:
		unit, name = time.Second, "s"
	case d >= time.Millisecond:
		unit, name = time.Millisecond, "ms"
	}
	v := float64(d) / float64(unit)
	if v < 10 {
		return fmt.Sprintf("%.1f %s", math.Floor(v*10)/10, name)
	}
	return fmt.Sprintf("%.0f %s", math.Floor(v), name)
}
