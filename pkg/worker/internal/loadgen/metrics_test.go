package loadgen

import (
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// watched is the metrics of one second of an open schedule.
func watched() *Metrics {
	r := newRecorder(true, 2)
	r.metrics = NewMetrics("v1")
	due := time.Now()
	for i := range 10 {
		s := sample{due: due, sent: due.Add(time.Millisecond), ended: due.Add(time.Duration(i+2) * time.Millisecond)}
		if i == 9 {
			s.failure = &failure{class: v1alpha1.ErrorTimeout, detail: "after 1s"}
		}
		r.record(i%2, s)
	}
	r.recordUnsent(0, 3, time.Second, time.Millisecond)
	r.turn(0)
	r.turn(1) // an empty second changes nothing
	return r.metrics
}

func TestMetricsFollowTheConventions(t *testing.T) {
	problems, err := testutil.GatherAndLint(watched().Registry())
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}

func TestMetricsAreWhatWasRecorded(t *testing.T) {
	m := watched()
	want := `# HELP meshbench_requests_total Requests of the window, by outcome: ok or the class of the error.
# TYPE meshbench_requests_total counter
meshbench_requests_total{code="ok"} 9
meshbench_requests_total{code="timeout"} 1
# HELP meshbench_unsent_requests_total Requests that were due in the window and not sent by its end.
# TYPE meshbench_unsent_requests_total counter
meshbench_unsent_requests_total 3
`
	if err := testutil.GatherAndCompare(m.Registry(), strings.NewReader(want), "meshbench_requests_total",
		"meshbench_unsent_requests_total"); err != nil {
		t.Error(err)
	}
	families, err := m.Registry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	var h *dto.Histogram
	for _, f := range families {
		if f.GetName() == "meshbench_request_duration_seconds" {
			h = f.GetMetric()[0].GetHistogram()
		}
	}
	if h.GetSampleCount() != 9 || math.Abs(h.GetSampleSum()-0.054) > 1e-4 || h.GetSchema() != nativeSchema ||
		len(h.GetPositiveSpan()) == 0 {
		t.Errorf("%d samples that sum up to %g, schema %d; want 9, 0.054 within 0.1 %%, native buckets", h.GetSampleCount(),
			h.GetSampleSum(), h.GetSchema())
	}
	for _, b := range h.GetBucket() {
		want := map[float64]uint64{.001: 0, .0025: 1, .005: 4, .01: 9, 10: 9}
		if n, ok := want[b.GetUpperBound()]; ok && n != b.GetCumulativeCount() {
			t.Errorf("%d requests took at most %g s, want %d", b.GetCumulativeCount(), b.GetUpperBound(), n)
		}
	}
	// The native buckets hold what the classic ones do.
	var inNative, bucket int64
	for _, d := range h.GetPositiveDelta() {
		bucket += d
		inNative += bucket
	}
	if inNative != 9 {
		t.Errorf("the native buckets hold %d samples, want 9", inNative)
	}
}

// A scrape in the middle of a run changes nothing of its result.
func TestAScrapeDoesNotDisturbTheResult(t *testing.T) {
	r := newRecorder(true, 2)
	r.metrics = NewMetrics("v1")
	server := httptest.NewServer(promhttp.HandlerFor(r.metrics.registry, promhttp.HandlerOpts{}))
	defer server.Close()
	due := time.Now()
	for i := range 100 {
		r.record(i%2, sample{due: due, sent: due, ended: due.Add(time.Millisecond)})
		if i%10 != 0 {
			continue
		}
		r.turn(i / 10)
		response, err := http.Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
	}
	r.turn(10)
	if got := r.result(); got.Requests != 100 || got.ResponseTime.Count != 100 || got.SendLag.Count != 100 {
		t.Errorf("%d requests, %d response times, %d lags; want 100 each", got.Requests, got.ResponseTime.Count,
			got.SendLag.Count)
	}
}

// The price of being watched: once a second, whatever the rate.
func BenchmarkASecondWithMetrics(b *testing.B) {
	for name, m := range map[string]*Metrics{"without": nil, "with": NewMetrics("v1")} {
		b.Run(name, func(b *testing.B) {
			r := newRecorder(true, 8)
			r.metrics = m
			due := time.Now()
			for b.Loop() {
				r.record(0, sample{due: due, sent: due, ended: due.Add(time.Millisecond)})
				r.turn(0)
			}
		})
	}
}
