package loadgen

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// Metrics are what people see of a load worker who watch it with their own
// Prometheus. They are fed once a second with what was recorded in it, so a
// request costs nothing and a scrape meets no connection. Results never come
// from them. The zero value is not usable.
type Metrics struct {
	registry *prometheus.Registry
	begun    time.Time
	requests, lagDesc,
	duration, unsent *prometheus.Desc
	mu    sync.Mutex
	total recording
}

// NewMetrics returns metrics of nothing yet.
func NewMetrics(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		begun:    time.Now(),
		requests: prometheus.NewDesc("meshbench_requests_total",
			"Requests of the window, by outcome: ok or the class of the error.", []string{"code"}, nil),
		duration: prometheus.NewDesc("meshbench_request_duration_seconds",
			"Response time in an open schedule, else service time, of the requests answered as asked.", nil, nil),
		lagDesc: prometheus.NewDesc("meshbench_schedule_lag_seconds",
			"From the due instant of a request to sending it, in an open schedule.", nil, nil),
		unsent: prometheus.NewDesc("meshbench_unsent_requests_total",
			"Requests that were due in the window and not sent by its end.", nil, nil),
		total: newRecording(true),
	}
	m.registry.MustRegister(m, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "meshbench_build_info", Help: "Always 1; the label is the worker's release.",
		ConstLabels: prometheus.Labels{"version": version},
	}, func() float64 { return 1 }))
	return m
}

// Registry is where the metrics are gathered.
func (m *Metrics) Registry() prometheus.Gatherer { return m.registry }

// Serve answers scrapes at an address until ctx ends.
func (m *Metrics) Serve(ctx context.Context, address string) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{DisableCompression: true}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); ctx.Err() == nil {
		return fmt.Errorf("metrics: %w", err)
	}
	return nil
}

// add takes in what one second brought, and leaves it as it is.
func (m *Metrics) add(second *recording) {
	m.mu.Lock()
	defer m.mu.Unlock()
	merge := func(into, from *stats.Histogram) {
		if from != nil && from.Count() > 0 {
			_ = into.Merge(from) // all histograms here have one resolution
		}
	}
	merge(m.total.lead, second.lead)
	merge(m.total.lag, second.lag)
	for f, n := range second.errors {
		m.total.errors[kind{class: f.class}] += n
	}
	m.total.unsent += second.unsent
}

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(descriptions chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.requests, m.duration, m.lagDesc, m.unsent} {
		descriptions <- d
	}
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(metrics chan<- prometheus.Metric) {
	m.mu.Lock()
	defer m.mu.Unlock()
	metrics <- prometheus.MustNewConstMetric(m.requests, prometheus.CounterValue, float64(m.total.lead.Count()), "ok")
	for f, n := range m.total.errors {
		metrics <- prometheus.MustNewConstMetric(m.requests, prometheus.CounterValue, float64(n), string(f.class))
	}
	metrics <- prometheus.MustNewConstMetric(m.unsent, prometheus.CounterValue, float64(m.total.unsent))
	metrics <- distribution(m.duration, m.total.lead, m.begun)
	if m.total.lag.Count() > 0 {
		metrics <- distribution(m.lagDesc, m.total.lag, m.begun)
	}
}
