package target

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// newRegistry returns the target's own metrics. Counters are read when they
// are asked for, so a request costs one atomic addition.
func newRegistry(version string, count *counters) *prometheus.Registry {
	r := prometheus.NewRegistry()
	total := func(code string, read func() int64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name:        "meshbench_requests_total",
			Help:        "Requests answered by the target, by outcome.",
			ConstLabels: prometheus.Labels{"code": code},
		}, func() float64 { return float64(read()) })
	}
	r.MustRegister(
		total("ok", count.ok.Load),
		total("refused", count.refused.Load),
		total("fault", count.faults.Load),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name:        "meshbench_build_info",
			Help:        "Always 1; the label is the worker's release.",
			ConstLabels: prometheus.Labels{"version": version},
		}, func() float64 { return 1 }),
	)
	return r
}

// scrapers may read at a time.
const scrapers = 4

func metricsHandler(r *prometheus.Registry) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(r, promhttp.HandlerOpts{MaxRequestsInFlight: scrapers}))
	return mux
}
