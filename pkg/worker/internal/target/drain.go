package target

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
)

// Drain is how a target ends that behaves well: it goes on to accept for a while,
// until nobody sends it anything new, as an application with a preStop hook does; then
// it stops to accept, and finishes what is under way.
type Drain struct {
	// Delay is how long it goes on to accept. Meanwhile HTTP clients are told with each
	// answer to use another connection next time; gRPC's are told after it.
	Delay time.Duration
}

// drainLimit bounds the wait for what is under way. Kubelets wait no longer than the
// pod's grace.
const drainLimit = 30 * time.Second

// leave drains, if the server is to.
func (s *Server) leave(ctx context.Context) {
	if s.drain == nil {
		return
	}
	s.draining.Store(true)
	time.Sleep(s.drain.Delay)
	ctx, stop := context.WithTimeout(ctx, drainLimit)
	defer stop()
	s.finish(ctx)
}

// leaving tells clients to leave once a server drains. HTTP/2 connections are ended by
// it as well, once what is under way on them is answered.
func leaving(draining *atomic.Bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if draining.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// finish stops to accept and waits for what is under way, no longer than ctx.
func finish(ctx context.Context, calls *grpc.Server, echoes ...*http.Server) {
	var all sync.WaitGroup
	for _, echo := range echoes {
		all.Go(func() { _ = echo.Shutdown(ctx) })
	}
	all.Go(func() {
		done := make(chan struct{})
		go func() { calls.GracefulStop(); close(done) }()
		select {
		case <-done:
		case <-ctx.Done():
			calls.Stop()
			<-done
		}
	})
	all.Wait()
}
