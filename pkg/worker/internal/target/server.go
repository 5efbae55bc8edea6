package target

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// Options are the target's addresses, host:port; an empty one is not served.
type Options struct {
	// Addresses are those of each protocol. Meshes take a port's protocol from its
	// Service, so each protocol has a port of its own.
	Addresses map[v1alpha1.Protocol]string
	Metrics   string
	// Version is the worker's release, for the metrics.
	Version string
	// Delay is added to every answer. It is a fault for tests.
	Delay time.Duration
	// Counters are those of the proxy beside the target that every answer to a
	// probe tells; nil for none.
	Counters *wire.ProxyCounters
	// LargestBody and LongestDelay are the most that a request may ask for; zero for
	// what the protocol allows.
	LargestBody  int
	LongestDelay time.Duration
	// MostBytes bounds the memory of requests and connections under way; zero for 1 GiB.
	MostBytes int64
	// Identity is what the target proves itself with; the zero value proves nothing.
	Identity wire.Key
	// Pod and UID are those of the target's pod, where it was told.
	Pod, UID string
	// Drain is how a target that is asked to end does it; nil drops all at once.
	Drain *Drain
	// Next is where the target calls on for the run's own requests that ask for it; nil
	// for the end of every chain.
	Next *Next
	// OpenFiles is how many the process may have open; 0 if that is not known.
	OpenFiles int64
}

// Server is a target that listens.
type Server struct {
	spoken  map[v1alpha1.Protocol]net.Listener
	metrics net.Listener
	// serve answers what comes in on a protocol's listener, and stop ends all.
	count  *counters
	onward *onward
	serve  map[v1alpha1.Protocol]func(net.Listener) error
	stop   func()
	drain  *Drain
	// finish stops to accept, and waits for what is under way.
	finish         func(context.Context)
	draining       *atomic.Bool
	metricsHandler http.Handler
}

// Listen binds all addresses, so that a caller knows them before Serve.
func Listen(ctx context.Context, o Options) (*Server, error) {
	count, memory := &counters{}, &budget{most: cmp.Or(o.MostBytes, defaultBudget)}
	look := &prober{counters: o.Counters, count: count, budget: memory, key: o.Identity, pod: o.Pod, uid: o.UID,
		files: o.OpenFiles}
	next, err := newOnward(o.Next, o.Identity)
	if err != nil {
		return nil, err
	}
	look.onward = next
	s := &Server{count: count, onward: next, drain: o.Drain, draining: new(atomic.Bool),
		metricsHandler: metricsHandler(newRegistry(o.Version, count)),
		spoken:         map[v1alpha1.Protocol]net.Listener{}}
	most := limits{body: cmp.Or(o.LargestBody, wire.MaxBodyBytes), delay: cmp.Or(o.LongestDelay, wire.MaxDelay)}
	s.speak(func(p v1alpha1.Protocol) http.Handler {
		e := newEcho(count, look.key.Mark(), most, memory, o.Delay)
		e.onward, e.protocol = next, p
		return leaving(s.draining, echoHandler(look, e))
	}, newGRPC(count, look, most, memory, o.Delay, next))
	var config net.ListenConfig
	listen := func(address string) (net.Listener, error) {
		l, err := config.Listen(ctx, "tcp", address)
		if err != nil {
			s.close()
			return nil, fmt.Errorf("target: %w", err)
		}
		return bounded{l, memory}, nil
	}
	for protocol, address := range o.Addresses {
		if address == "" {
			continue
		}
		if s.serve[protocol] == nil {
			s.close()
			return nil, fmt.Errorf("target: nothing here speaks protocol %q", protocol)
		}
		if s.spoken[protocol], err = listen(address); err != nil {
			return nil, err
		}
	}
	if o.Metrics != "" {
		if s.metrics, err = listen(o.Metrics); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func echoHandler(look *prober, e *echo) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(wire.PathProbe, func(w http.ResponseWriter, r *http.Request) { look.serve(w, r, e.protocol) })
	mux.HandleFunc(wire.PathHealth, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.Handle("/", e)
	return mux
}

// speak makes the servers of all protocols.
func (s *Server) speak(handler func(v1alpha1.Protocol) http.Handler, grpcServer *grpc.Server) {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	echoes := func(p v1alpha1.Protocol) *http.Server {
		return &http.Server{Handler: handler(p), Protocols: protocols, ReadHeaderTimeout: time.Minute,
			MaxHeaderBytes: maxHeaderBytes, HTTP2: &http.HTTP2Config{MaxConcurrentStreams: maxStreams}}
	}
	http1, h2c := echoes(v1alpha1.ProtocolHTTP1), echoes(v1alpha1.ProtocolH2C)
	s.serve = map[v1alpha1.Protocol]func(net.Listener) error{
		v1alpha1.ProtocolHTTP1: http1.Serve,
		v1alpha1.ProtocolH2C:   h2c.Serve,
		v1alpha1.ProtocolGRPC:  func(l net.Listener) error { return serveGRPC(grpcServer, l) },
	}
	s.finish = func(ctx context.Context) { finish(ctx, grpcServer, http1, h2c) }
	s.stop = func() {
		_, _ = http1.Close(), h2c.Close()
		grpcServer.Stop()
		s.onward.close()
	}
}

// Addr is where a protocol is spoken, or empty.
func (s *Server) Addr(p v1alpha1.Protocol) string { return address(s.spoken[p]) }

// Served is what was served so far.
func (s *Server) Served() wire.Served { return s.count.served() }

// Onward is what was called of the next target; nil where there is none.
func (s *Server) Onward() *wire.Onward { return s.onward.counted() }

// MetricsAddr is the address of the metrics, or empty.
func (s *Server) MetricsAddr() string { return address(s.metrics) }

func address(l net.Listener) string {
	if l == nil {
		return ""
	}
	return l.Addr().String()
}

// Serve answers requests until ctx is done, then drops all connections at
// once: a trial's load has ended by then. A target that is to drain does that first.
// It returns nil when ctx ended it.
func (s *Server) Serve(ctx context.Context) error {
	metricsServer := &http.Server{Handler: s.metricsHandler, ReadHeaderTimeout: time.Minute}
	failed := make(chan error, len(s.spoken)+1)
	start := func(l net.Listener, serve func(net.Listener) error) {
		go func() { failed <- serve(l) }()
	}
	for protocol, l := range s.spoken {
		start(l, s.serve[protocol])
	}
	if s.metrics != nil {
		start(s.metrics, metricsServer.Serve)
	}
	defer func() {
		s.stop()
		_ = metricsServer.Close()
		s.close()
	}()
	select {
	case <-ctx.Done():
		s.leave(context.WithoutCancel(ctx))
		return nil
	case err := <-failed:
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return fmt.Errorf("target: serve: %w", err)
	}
}

func (s *Server) close() {
	for _, l := range s.spoken {
		if l != nil {
			_ = l.Close()
		}
	}
	if s.metrics != nil {
		_ = s.metrics.Close()
	}
}
