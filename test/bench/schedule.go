package main

import (
	"context"
	"fmt"
	"math"
	"strings"
	"syscall"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// schedule measures what an open schedule holds.
func (b *bench) schedule(ctx context.Context, s servers) error {
	for _, m := range []struct {
		name string
		run  func(context.Context, servers) error
	}{
		{"open schedule, share of closed-loop throughput", b.shares},
		{"open schedule, send lag", b.sendLag},
		{"open schedule, stall", b.stall},
		{"memory", b.memory},
		{"10,000 connections, http1", b.many(v1alpha1.ProtocolHTTP1)},
		{"10,000 connections, grpc", b.many(v1alpha1.ProtocolGRPC)},
	} {
		if !strings.Contains(m.name, b.only) {
			continue
		}
		fmt.Println(m.name)
		if err := m.run(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

func (b *bench) open(ctx context.Context, address string, rate float64, window time.Duration) (wire.Result, error) {
	return b.workerLoad(ctx, func(s *wire.LoadSpec) {
		s.Target, s.Rate, s.Window.Duration = address, v1alpha1.Rate(rate), window
	})
}

func (b *bench) shares(ctx context.Context, s servers) error {
	closed, err := b.workerThroughput(v1alpha1.ProtocolHTTP1, s.target)(ctx)
	if err != nil {
		return err
	}
	for _, share := range []float64{0.2, 0.5, 0.8} {
		rate := math.Floor(closed * share)
		r, err := b.open(ctx, s.target, rate, b.window)
		if err != nil {
			return err
		}
		off := throughput(r)/rate - 1
		fmt.Printf("  %3.0f %% of %.0f/s: off by %+.3f %%, goal 0.1 %%  %s; unsent %d, client %.2f cores, lag %s\n",
			100*share, closed,
			100*off, verdict(math.Abs(off) <= 0.001), r.Load.Unsent, *r.Self.CPUSeconds/r.Window.Seconds,
			quantiles(r.Load.SendLag))
	}
	return nil
}

func (b *bench) sendLag(ctx context.Context, s servers) error {
	for _, rate := range []float64{100, 1000} {
		r, err := b.open(ctx, s.target, rate, b.window)
		if err != nil {
			return err
		}
		h, err := stats.FromAPI(r.Load.SendLag)
		if err != nil {
			return err
		}
		fmt.Printf("  %5.0f/s: %s, p99 goal 200µs  %s; client %.3f cores\n", rate, quantiles(r.Load.SendLag),
			verdict(h.Quantile(0.99) <= 200*time.Microsecond), *r.Self.CPUSeconds/r.Window.Seconds)
	}
	return nil
}

// stall stops the target for a tenth of the window.
func (b *bench) stall(ctx context.Context, s servers) error {
	length := b.long / 10
	timer := time.AfterFunc(b.long/2, func() {
		_ = b.target.command.Process.Signal(syscall.SIGSTOP)
		time.Sleep(length)
		_ = b.target.command.Process.Signal(syscall.SIGCONT)
	})
	defer timer.Stop()
	r, err := b.open(ctx, s.target, 1000, b.long)
	if err != nil {
		return err
	}
	h, err := stats.FromAPI(r.Load.ResponseTime)
	if err != nil {
		return err
	}
	least := length * 85 / 100
	fmt.Printf("  %s in %s: response time %s, p99 goal %s  %s; service time %s\n", length, b.long,
		quantiles(r.Load.ResponseTime), least, verdict(h.Quantile(0.99) >= least), quantiles(r.Load.ServiceTime))
	return nil
}

func (b *bench) memory(ctx context.Context, s servers) error {
	const mebi = 1 << 20
	for _, window := range []time.Duration{b.window, b.long} {
		r, err := b.workerLoad(ctx, func(spec *wire.LoadSpec) { spec.Target, spec.Window.Duration = s.target, window })
		if err != nil {
			return err
		}
		rss := float64(*r.Self.MaxRSSBytes) / mebi
		fmt.Printf("  %4s at full speed: at most %.1f MiB, goal 64  %s\n", window, rss, verdict(rss <= 64))
	}
	return nil
}

func quantiles(h *v1alpha1.Histogram) string {
	decoded, err := stats.FromAPI(h)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("p50 %s p99 %s max %s", decoded.Quantile(0.5).Round(time.Microsecond),
		decoded.Quantile(0.99).Round(time.Microsecond), decoded.Max().Round(time.Microsecond))
}
