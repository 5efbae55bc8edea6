package metric

import (
	"strconv"
	"strings"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// Load lists the metrics of the load side, in the order in which cells hold
// them. Latencies are what users wait for, see [v1alpha1.LoadResult.Latency].
func Load() []Metric {
	once := 1.0
	return append([]Metric{
		{Name: v1alpha1.MetricThroughput, Unit: v1alpha1.UnitPerSecond, MoreIsBetter: true, Objective: "rps", Column: "RPS",
			Label: "requests/s", Title: "Throughput", Shown: InTable, Leads: true, Judged: true, trial: throughput},
		latency(Metric{Name: v1alpha1.MetricMean, Shown: InWide, Sloped: true, histogram: (*stats.Histogram).Mean,
			waits: (*stats.Waits).Mean}),
		latency(Metric{Name: "min", Shown: InWide, OneSample: true, histogram: (*stats.Histogram).Min,
			waits: (*stats.Waits).Min}),
		percentile(50, Metric{Shown: InTable, Leads: true, Judged: true, Sloped: true}),
		percentile(75, Metric{Shown: InWide}),
		percentile(90, Metric{Shown: InTable, Judged: true}),
		percentile(95, Metric{Shown: InWide}),
		percentile(99, Metric{Shown: InTable, Leads: true, Judged: true, Sloped: true}),
		percentile(99.9, Metric{Shown: InTable}),
		percentile(99.99, Metric{Shown: InWide}),
		latency(Metric{Name: v1alpha1.MetricMax, Shown: InTable, OneSample: true, histogram: (*stats.Histogram).Max,
			waits: (*stats.Waits).Max}),
		answered(percentile(50, Metric{Shown: InTable})),
		answered(percentile(99, Metric{Shown: InTable})),
		{Name: v1alpha1.MetricErrors, Unit: v1alpha1.UnitRatio, Objective: "errors", Column: "ERRORS", Label: "errors",
			Title: "Errors", Shown: InTable, Leads: true, trial: failedShare},
		{Name: v1alpha1.MetricAmplification, Unit: v1alpha1.UnitTimes, Objective: "amplification", Column: "RECV/SENT",
			Label: "received/sent", Title: "Requests received for each one sent", Shown: InTable, Usual: &once,
			Unknown: "the target did not count", trial: amplification},
	}, disturbed()...)
}

// Throughput is what a closed loop is asked for.
func Throughput() Metric { return Load()[0] }

// answered is a latency of the requests answered as asked alone.
func answered(m Metric) Metric {
	m.Beside, m.Answered = m.Name, true
	m.Name = "success-" + m.Name
	return latency(m)
}

// Latencies lists those of all requests.
func Latencies() []Metric {
	var all []Metric
	for _, m := range Load() {
		if m.IsLatency() && !m.Answered {
			all = append(all, m)
		}
	}
	return all
}

// latency fills what follows from the name of a latency.
func latency(m Metric) Metric {
	name := string(m.Name)
	m.Unit, m.Objective, m.Label = v1alpha1.UnitSeconds, name, name
	m.Column, m.Title = strings.ToUpper(name), name+" latency"
	return m
}

// percentile is the latency that so many percent of the requests do not exceed.
func percentile(p float64, m Metric) Metric {
	text := strconv.FormatFloat(p, 'f', -1, 64)
	// Parsed as written: 99.99 / 100 is not the number nearest to 0.9999.
	q, _ := strconv.ParseFloat(text+"e-2", 64)
	m.Name, m.Quantile = v1alpha1.Metric("p"+text), q
	m.histogram = func(h *stats.Histogram) time.Duration { return h.Quantile(q) }
	m.waits = func(w *stats.Waits) (time.Duration, bool) { return w.Quantile(q) }
	return latency(m)
}

// throughput is requests answered as asked per second.
func throughput(t v1alpha1.Trial) (float64, bool) {
	return float64(t.Load.Requests) / t.Window.Seconds, true
}

// failedShare is failed / all answered or failed requests, 0 to 1.
func failedShare(t v1alpha1.Trial) (float64, bool) {
	failed := t.Load.Failed()
	all := t.Load.Requests + failed
	if all == 0 {
		return 0, false
	}
	return float64(failed) / float64(all), true
}

// amplification is what the target received / what was sent to it. A target that
// received fewer than were answered, or failed as asked, is another one than that
// which answered, or began to count anew.
func amplification(t v1alpha1.Trial) (float64, bool) {
	n := t.Received
	if n == nil || n.Sent <= 0 || t.Load == nil || n.Received < t.Load.Requests+t.Load.Faults() {
		return 0, false
	}
	return float64(n.Received) / float64(n.Sent), true
}
