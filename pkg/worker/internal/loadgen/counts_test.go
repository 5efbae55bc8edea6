package loadgen

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/worker/internal/target"
)

// proxy stands for a sidecar: it passes requests on, counts them, and serves
// the count as Prometheus wants it.
type proxy struct {
	address string
	// to is where requests go on to.
	to atomic.Value
	// read is what a worker beside it is told.
	read  wire.ProxyCounters
	count atomic.Int64
	// disturbed counts the requests that were under way at scrapes.
	scrapes, underWay, disturbed atomic.Int64
}

func port(t *testing.T, address string) int32 {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	return int32(n)
}

func startProxy(t *testing.T, name string) *proxy {
	t.Helper()
	p := &proxy{}
	forward := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: p.to.Load().(string)}) },
		Transport: &http.Transport{MaxIdleConnsPerHost: 16},
	}
	data := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		load := r.URL.Path != "/meshbench/probe"
		if load {
			p.underWay.Add(1)
			defer p.underWay.Add(-1)
		}
		defer p.count.Add(1)
		forward.ServeHTTP(w, r)
	}))
	metrics := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		p.scrapes.Add(1)
		p.disturbed.Add(p.underWay.Load())
		_, _ = fmt.Fprintf(w, "# TYPE %s counter\n%s{tls=\"true\"} %d\n", name, name, p.count.Load())
	}))
	t.Cleanup(func() { data.Close(); metrics.Close() })
	p.address = data.Listener.Addr().String()
	p.read = wire.ProxyCounters{Port: port(t, metrics.URL), Path: "/metrics", Requests: wire.Counter{Name: name},
		MTLSLabel: "tls", MTLSValue: "true"}
	return p
}

func TestProxiesOfBothSidesCountWhatWasSent(t *testing.T) {
	ours, beside := startProxy(t, "istio_requests_total"), startProxy(t, "request_total")
	s, err := target.Listen(t.Context(),
		target.Options{Addresses: map[v1alpha1.Protocol]string{v1alpha1.ProtocolHTTP1: "127.0.0.1:0"},
			Counters: &beside.read})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	ours.to.Store(beside.address)
	beside.to.Store(s.Addr(v1alpha1.ProtocolHTTP1))

	for _, rate := range []float64{0, 200} {
		load := spec(ours.address)
		load.Counters = &ours.read
		load.Rate = v1alpha1.Rate(rate)
		r := run(t, load)
		if r.Counts == nil || r.Counts.Client == nil || r.Counts.Server == nil {
			t.Fatalf("rate %g: no counts in the result: %+v", rate, r.Counts)
		}
		if r.Counts.Sent < r.Load.Requests || r.Counts.Sent == 0 || r.Counts.Seconds < r.Window.Seconds {
			t.Errorf("rate %g: %d requests sent in %g s, of which %d in a window of %g s", rate, r.Counts.Sent, r.Counts.Seconds,
				r.Load.Requests, r.Window.Seconds)
		}
		// The probe before the reading on the server's side is counted when it is
		// answered; the one after the window is not yet, or not at all.
		for side, i := range map[string]*wire.ProxyInterval{"client": r.Counts.Client, "server": r.Counts.Server} {
			increase := *i.After.Requests - *i.Before.Requests
			if increase < r.Counts.Sent || increase > r.Counts.Sent+1 || *i.After.MutualTLS != *i.After.Requests {
				t.Errorf("rate %g, %s: counted %d, sent %d", rate, side, increase, r.Counts.Sent)
			}
		}
	}
	for _, p := range []*proxy{ours, beside} {
		if p.scrapes.Load() != 4 || p.disturbed.Load() != 0 {
			t.Errorf("%d scrapes of two trials, %d requests under way in them: want 2 a trial, and none", p.scrapes.Load(),
				p.disturbed.Load())
		}
	}
}

// A proxy that cannot be read takes nothing from the trial.
func TestATrialNeedsNoCounters(t *testing.T) {
	address, _ := startTarget(t)
	r := run(t, spec(address))
	if r.Counts != nil {
		t.Errorf("nothing was to be read, and the result has %+v", r.Counts)
	}
	// The target tells what it received: all that was sent, and no probe.
	if r.Target == nil || r.Target.Sent == 0 || r.Target.After.Own-r.Target.Before.Own < r.Target.Sent ||
		r.Target.After.Own-r.Target.Before.Own > r.Target.Sent+r.Load.Sockets {
		t.Errorf("the target received %+v, want what was sent", r.Target)
	}
	gone := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_,
			_ = io.WriteString(w, "envoy_server_live 1\n")
	}))
	defer gone.Close()
	load := spec(address)
	load.Counters = &wire.ProxyCounters{Port: port(t, gone.URL), Path: "/",
		Requests: wire.Counter{Name: "istio_requests_total"}}
	r = run(t, load)
	if r.Counts == nil || r.Counts.Server != nil || r.Counts.Client.After.Unread == "" {
		t.Errorf("counts are %+v, want a reason on the client's side", r.Counts)
	}
}
