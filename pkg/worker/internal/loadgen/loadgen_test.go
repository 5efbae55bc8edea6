package loadgen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
	"github.com/meshbench/kubectl-meshbench/pkg/worker/internal/target"
)

// startTarget runs the real target on loopback until the test ends.
func startTarget(t *testing.T) (httpAddress, grpcAddress string) {
	t.Helper()
	return startTargetOn(t, "127.0.0.1:0")
}

func startTargetOn(t *testing.T, any string) (httpAddress, grpcAddress string) {
	t.Helper()
	s := serveAll(t, any)
	return s.Addr(v1alpha1.ProtocolHTTP1), s.Addr(v1alpha1.ProtocolGRPC)
}

// serveAll speaks every protocol on a port of its own.
func serveAll(t *testing.T, any string) *target.Server {
	t.Helper()
	addresses := map[v1alpha1.Protocol]string{}
	for _, p := range wire.ProtocolIDs() {
		addresses[p] = any
	}
	s, err := target.Listen(t.Context(), target.Options{Addresses: addresses})
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
	return s
}

func of(d time.Duration) v1alpha1.Duration { return v1alpha1.Duration{Duration: d} }

func spec(address string) wire.LoadSpec {
	return wire.LoadSpec{
		Version: wire.Version, Clients: 1, Target: address, Protocol: v1alpha1.ProtocolHTTP1, Connections: 3,
		Warmup: of(50 * time.Millisecond), Window: of(300 * time.Millisecond), RequestTimeout: of(2 * time.Second),
		ReadyTimeout: of(5 * time.Second),
	}
}

// run runs a trial and checks what must hold of every one.
func run(t *testing.T, s wire.LoadSpec) wire.Result {
	t.Helper()
	var seconds []v1alpha1.Second
	usages := 0
	r, err := Run(t.Context(), s, fstest.MapFS{}, Observer{
		Probe:   func(wire.Probe) error { return nil },
		Started: func(wire.Started) error { return nil },
		Second:  func(x v1alpha1.Second) error { seconds = append(seconds, x); return nil },
		Usage:   func() error { usages++; return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if usages != len(seconds)+1 {
		t.Errorf("resources were looked at %d times in %d seconds, want once at the start and after each", usages,
			len(seconds))
	}
	var requests, failed int64
	for _, x := range seconds {
		requests += x.Requests
		failed += x.Errors
	}
	if requests != r.Load.Requests || failed != r.Load.Failed() {
		t.Errorf("the seconds add up to %d and %d, the result says %d requests and %d failures", requests, failed,
			r.Load.Requests, r.Load.Failed())
	}
	var counted int64
	if r.Load.ServiceTime != nil {
		counted = r.Load.ServiceTime.Count
	}
	if counted != r.Load.Requests {
		t.Errorf("%d requests, %d in the histogram", r.Load.Requests, counted)
	}
	return r
}

func TestEveryProtocolInBothLoops(t *testing.T) {
	served := serveAll(t, "127.0.0.1:0")
	for _, protocol := range wire.ProtocolIDs() {
		for _, rate := range []v1alpha1.Rate{v1alpha1.RateMax, 200} {
			for _, bytes := range []int64{0, 1000, 300_000} {
				t.Run(fmt.Sprintf("%s/%s/%d", protocol, rate, bytes), func(t *testing.T) {
					s := spec(served.Addr(protocol))
					s.Protocol, s.Rate, s.ResponseBytes, s.RequestBytes = protocol, rate, bytes, bytes/10
					r := run(t, s)
					if r.Load.Requests == 0 || r.Load.Failed() > 0 {
						t.Fatalf("%d requests, errors %v", r.Load.Requests, r.Load.Errors)
					}
					if r.Load.Sockets != int64(s.Connections) {
						t.Errorf("%d sockets for %d connections", r.Load.Sockets, s.Connections)
					}
					if open := rate != v1alpha1.RateMax; open {
						if due := r.Load.Requests + r.Load.Unsent; due < 59 || due > 61 {
							t.Errorf("%d requests were due in 300 ms at 200/s, want 60", due)
						}
						if r.Load.ResponseTime == nil || r.Load.SendLag == nil ||
							r.Load.ResponseTime.MeanSeconds < r.Load.ServiceTime.MeanSeconds {
							t.Errorf("response time %+v is less than service time %+v", r.Load.ResponseTime, r.Load.ServiceTime)
						}
					}
				})
			}
		}
	}
}

func TestConnectionsAreRenewedAsAsked(t *testing.T) {
	httpAddress, grpcAddress := startTarget(t)
	for _, protocol := range []v1alpha1.Protocol{v1alpha1.ProtocolHTTP1, v1alpha1.ProtocolH2C, v1alpha1.ProtocolGRPC} {
		t.Run(string(protocol), func(t *testing.T) {
			s := spec(httpAddress)
			if protocol == v1alpha1.ProtocolGRPC {
				s.Target = grpcAddress
			}
			s.Protocol, s.Rate, s.Connections, s.Warmup, s.RequestsPerConnection = protocol, 100, 1, of(0), 10
			r := run(t, s)
			// On a busy machine the last few are not sent in time. One request more opens
			// the connection.
			if n := r.Load.Requests; n+r.Load.Unsent != 30 || n < 11 || r.Load.Sockets != (n+1+9)/10 {
				t.Errorf("%d requests on %d sockets, %d unsent, errors %v; want 30 in all, 10 a socket", n, r.Load.Sockets,
					r.Load.Unsent, r.Load.Errors)
			}
		})
	}
}

// Every class of errors, each from a target that misbehaves that way.
func TestErrorsAreCountedByClass(t *testing.T) {
	for _, c := range []struct {
		name  string
		serve http.HandlerFunc
		class v1alpha1.ErrorClass
	}{
		{"status", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
			v1alpha1.ErrorStatus},
		{"size", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "too much") },
			v1alpha1.ErrorBodySize},
		{"timeout", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, v1alpha1.ErrorTimeout},
		{"reset", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, v1alpha1.ErrorReset},
	} {
		for _, protocol := range []v1alpha1.Protocol{v1alpha1.ProtocolHTTP1, v1alpha1.ProtocolH2C} {
			if protocol == v1alpha1.ProtocolH2C && c.name == "reset" {
				continue // a stream is reset, not a connection: counted as other
			}
			t.Run(c.name+"/"+string(protocol), func(t *testing.T) {
				mux := http.NewServeMux()
				mux.HandleFunc("/meshbench/probe", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") })
				mux.HandleFunc("/", c.serve)
				server := httptest.NewUnstartedServer(mux)
				server.Config.Protocols = new(http.Protocols)
				server.Config.Protocols.SetHTTP1(true)
				server.Config.Protocols.SetUnencryptedHTTP2(true)
				server.Start()
				defer server.Close()
				s := spec(strings.TrimPrefix(server.URL, "http://"))
				s.Protocol, s.RequestTimeout, s.Warmup = protocol, of(10*time.Second), of(0)
				if c.class == v1alpha1.ErrorTimeout {
					s.RequestTimeout = of(50 * time.Millisecond)
				}
				r := run(t, s)
				if r.Load.Requests != 0 || len(r.Load.Errors) != 1 || r.Load.Errors[0].Class != c.class {
					t.Errorf("%d requests, errors %+v; want only class %s", r.Load.Requests, r.Load.Errors, c.class)
				}
				if r.Load.ErrorTime == nil || r.Load.ErrorTime.Count != r.Load.Failed() {
					t.Errorf("%d failures, their times: %+v", r.Load.Failed(), r.Load.ErrorTime)
				}
			})
		}
	}
}

func TestATargetThatGoesAway(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var gone atomic.Bool
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/meshbench/probe" && gone.CompareAndSwap(false, true) {
			_ = listener.Close()
		}
		if gone.Load() {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, "{}")
	})}
	go func() { _ = server.Serve(listener) }()
	defer func() { _ = server.Close() }()
	s := spec(listener.Addr().String())
	s.Warmup = of(0)
	r := run(t, s)
	classes := map[v1alpha1.ErrorClass]bool{}
	for _, e := range r.Load.Errors {
		classes[e.Class] = true
	}
	if !classes[v1alpha1.ErrorConnect] || r.Load.Requests != 0 {
		t.Errorf("errors %+v, want some of class connect", r.Load.Errors)
	}
	if r.Load.Failed() > 3*300 {
		t.Errorf("%d tries in 300 ms on 3 connections: it spins", r.Load.Failed())
	}
}

func TestAGRPCCallThatTakesTooLong(t *testing.T) {
	_, address := startTarget(t)
	s := spec(address)
	s.Protocol, s.Warmup, s.RequestTimeout = v1alpha1.ProtocolGRPC, of(0), of(20*time.Millisecond)
	s.ServerDelay, s.SlowRatio = of(100*time.Millisecond), 1
	r := run(t, s)
	if r.Load.Requests != 0 || len(r.Load.Errors) != 1 || r.Load.Errors[0].Class != v1alpha1.ErrorTimeout ||
		r.Load.Failed() < 6 {
		t.Errorf("%d requests, errors %+v; want several timeouts only", r.Load.Requests, r.Load.Errors)
	}
}

// A stall of the target must show in the response time, which the service time
// of a few requests alone would hide.
func TestAStallShowsInTheResponseTime(t *testing.T) {
	const stall = 300 * time.Millisecond
	var begun atomic.Pointer[time.Time]
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/meshbench/probe" {
			_, _ = io.WriteString(w, "{}")
			return
		}
		now := time.Now()
		begun.CompareAndSwap(nil, &now)
		if since := now.Sub(*begun.Load()); since > stall && since < 2*stall {
			time.Sleep(2*stall - since)
		}
	}))
	defer server.Close()
	s := spec(strings.TrimPrefix(server.URL, "http://"))
	s.Rate, s.Connections, s.Warmup, s.Window = 200, 2, of(0), of(10*stall)
	r := run(t, s)
	response, err := stats.FromAPI(r.Load.ResponseTime)
	if err != nil {
		t.Fatal(err)
	}
	service, err := stats.FromAPI(r.Load.ServiceTime)
	if err != nil {
		t.Fatal(err)
	}
	if got := response.Quantile(0.99); got < stall*85/100 {
		t.Errorf("p99 of the response time is %s, want at least %s", got, stall*85/100)
	}
	if got := service.Quantile(0.95); got > stall/2 {
		t.Errorf("p95 of the service time is %s: the test's stall is not what it should be", got)
	}
}

func TestATargetThatNeverAnswers(t *testing.T) {
	s := spec("127.0.0.1:1")
	s.ReadyTimeout = of(10 * time.Millisecond)
	ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer stop()
	_, err := Run(ctx, s, fstest.MapFS{}, Observer{})
	var at *StageError
	if !errors.As(err, &at) || at.Stage != "ready" || !strings.Contains(err.Error(), "127.0.0.1:1") {
		t.Errorf("error is %v, want one of stage ready that names the target", err)
	}
}

func TestAWorkerThatIsStoppedSaysSo(t *testing.T) {
	stopped := errors.New("terminated signal received")
	ctx, stop := context.WithCancelCause(t.Context())
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 2 {
			stop(stopped)
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	s := spec(strings.TrimPrefix(server.URL, "http://"))
	if _, err := Run(ctx, s, fstest.MapFS{}, Observer{}); !errors.Is(err, stopped) {
		t.Errorf("error is %v, want %v", err, stopped)
	}
}

func TestTheSharedStart(t *testing.T) {
	now := time.Now()
	s := spec("x")
	for _, c := range []struct {
		offset time.Duration
		late   bool
	}{{time.Second, false}, {-time.Second, true}} {
		at := now.Add(c.offset).UTC()
		s.StartAt = &at
		start, err := windowStart(s, now)
		if (err != nil) != c.late {
			t.Errorf("start in %s: %v", c.offset, err)
		}
		if err == nil && start.Sub(now).Round(time.Millisecond) != c.offset {
			t.Errorf("starts in %s, want %s", start.Sub(now), c.offset)
		}
	}
}

// A worker that is ready in the middle of the warm-up has missed what was due
// before: sent at once, it would be a burst that reaches into the window.
func TestAWarmUpThatBeganWithoutUsIsNotMadeUpFor(t *testing.T) {
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/meshbench/probe" {
			_, _ = io.WriteString(w, "{}")
			return
		}
		requests.Add(1)
	}))
	defer server.Close()
	s := spec(strings.TrimPrefix(server.URL, "http://"))
	const left = 200 * time.Millisecond
	at := time.Now().Add(left)
	s.Rate, s.StartAt, s.Warmup, s.Window = 1000, &at, of(time.Minute), of(100*time.Millisecond)
	run(t, s)
	most := int64((left+s.Window.Duration).Seconds()*float64(s.Rate)) + 1
	if n := requests.Load(); n > most {
		t.Errorf("%d requests were sent in a time in which %d were due", n, most)
	}
}

// All connections of all load pods together are due at even distances.
func TestTheScheduleIsStaggeredEvenly(t *testing.T) {
	start := time.Unix(1000, 0)
	s := wire.LoadSpec{Rate: 1000, Connections: 2, Clients: 3}
	due := map[time.Duration]bool{}
	for client := range s.Clients {
		s.Client = client
		plan := scheduleOf(s, start)
		for c := range s.Connections {
			for k := range int64(4) {
				due[plan.due(s.Clients, c, k).Sub(start).Round(time.Microsecond)] = true
			}
		}
	}
	for i := range 24 {
		if want := time.Duration(i) * time.Millisecond; !due[want] {
			t.Errorf("nothing is due at %s", want)
		}
	}
	if len(due) != 24 {
		t.Errorf("%d instants, want 24", len(due))
	}
}
