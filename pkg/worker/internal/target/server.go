package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"google.golang.org/grpc"

	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

var errTooLarge = fmt.Errorf("body larger than %d bytes", MaxBodyBytes)

// Options are the target's addresses, host:port; an empty one is not served.
type Options struct {
	HTTP, GRPC, Metrics string
	// H2C is a second address of the echo: meshes take a port's protocol from
	// its Service, so each protocol has a port of its own.
	H2C string
	// Version is the worker's release, for the metrics.
	Version string
	// Delay is added to every answer. It is a fault for tests.
	Delay time.Duration
	// Counters are those of the proxy beside the target that every answer to a
	// probe tells; nil for none.
	Counters *wire.ProxyCounters
}

// Server is a target that listens.
type Server struct {
	http, h2c, grpc, metrics net.Listener
	handler                  http.Handler
	grpcServer               *grpc.Server
	metricsHandler           http.Handler
}

// Listen binds all addresses, so that a caller knows them before Serve.
func Listen(ctx context.Context, o Options) (*Server, error) {
	count := &counters{}
	mux := http.NewServeMux()
	look := &prober{counters: o.Counters}
	mux.HandleFunc("/meshbench/probe", look.serve)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.Handle("/", newEcho(count, o.Delay))
	s := &Server{handler: mux, grpcServer: newGRPC(count, look, o.Delay),
		metricsHandler: metricsHandler(newRegistry(o.Version, count))}
	var config net.ListenConfig
	for _, l := range []struct {
		address string
		to      *net.Listener
	}{{o.HTTP, &s.http}, {o.H2C, &s.h2c}, {o.GRPC, &s.grpc}, {o.Metrics, &s.metrics}} {
		if l.address == "" {
			continue
		}
		var err error
		if *l.to, err = config.Listen(ctx, "tcp", l.address); err != nil {
			s.close()
			return nil, fmt.Errorf("target: %w", err)
		}
	}
	return s, nil
}

// HTTPAddr is the address of the echo, or empty.
func (s *Server) HTTPAddr() string { return address(s.http) }

// GRPCAddr is the address of the gRPC services, or empty.
func (s *Server) GRPCAddr() string { return address(s.grpc) }

// MetricsAddr is the address of the metrics, or empty.
func (s *Server) MetricsAddr() string { return address(s.metrics) }

func address(l net.Listener) string {
	if l == nil {
		return ""
	}
	return l.Addr().String()
}

// Serve answers requests until ctx is done, then drops all connections at
// once: a trial's load has ended by then. It returns nil when ctx ended it.
func (s *Server) Serve(ctx context.Context) error {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	echoServer := &http.Server{Handler: s.handler, Protocols: protocols, ReadHeaderTimeout: time.Minute}
	metricsServer := &http.Server{Handler: s.metricsHandler, ReadHeaderTimeout: time.Minute}
	failed := make(chan error, 4)
	start := func(l net.Listener, serve func(net.Listener) error) {
		if l != nil {
			go func() { failed <- serve(l) }()
		}
	}
	start(s.http, echoServer.Serve)
	start(s.h2c, echoServer.Serve)
	start(s.metrics, metricsServer.Serve)
	start(s.grpc, func(l net.Listener) error { return serveGRPC(s.grpcServer, l) })
	defer func() {
		_ = echoServer.Close()
		_ = metricsServer.Close()
		s.grpcServer.Stop()
		s.close()
	}()
	select {
	case <-ctx.Done():
		return nil
	case err := <-failed:
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return fmt.Errorf("target: serve: %w", err)
	}
}

func (s *Server) close() {
	for _, l := range []net.Listener{s.http, s.h2c, s.grpc, s.metrics} {
		if l != nil {
			_ = l.Close()
		}
	}
}
