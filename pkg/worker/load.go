package worker

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/worker/internal/loadgen"
	"github.com/meshbench/kubectl-meshbench/pkg/worker/internal/procstat"
)

// gcPercent suits a program most of whose memory lives as long as it does.
const gcPercent = 400

// runLoad does what its specification says, and writes frames. A failure is a
// frame too, so that the plugin can say why.
func (p Program) load(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	text := flags.String("spec", "", "what to do, in JSON")
	address := flags.String("metrics", fmt.Sprintf(":%d", wire.PortMetrics),
		"address of the Prometheus metrics; empty for none")
	if err := flags.Parse(args); err != nil {
		return err
	}
	spec, err := wire.ParseLoadSpec([]byte(*text))
	frames := wire.NewWriter(p.Out, spec.Key)
	fail := func(stage string, err error) error {
		said := &wire.Failure{Stage: stage, Message: plain(err.Error())}
		if stopped := new(loadgen.StopError); errors.As(err, &stopped) {
			said.Stop = &stopped.Stop
		}
		return errors.Join(err, frames.Write(wire.Frame{Type: wire.TypeError, Error: said}))
	}
	if err != nil {
		return fail("spec", err)
	}
	// Most of what the load worker holds lives as long as it does, so the default
	// would collect garbage far too often: a few percent of gRPC's throughput.
	debug.SetGCPercent(gcPercent)
	root := os.DirFS("/")
	hello := &wire.Hello{Version: p.Version, Trial: spec.Trial, Now: time.Now().UTC(), Host: procstat.ReadHost(root),
		OpenFiles: procstat.OpenFiles()}
	if err := frames.Write(wire.Frame{Type: wire.TypeHello, Hello: hello}); err != nil {
		return err
	}
	// Whatever happens, the pod ends by itself.
	limit := spec.ReadyTimeout.Duration + spec.Warmup.Duration + spec.Window.Duration + spec.RequestTimeout.Duration +
		time.Minute
	ctx, stop := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not done after %s", limit))
	defer stop()
	sampler := newSampler()
	defer sampler.Close()
	usage := writeUsage(frames)
	metrics := loadgen.NewMetrics(p.Version)
	if *address != "" {
		go func() {
			// Nobody's watching is worth a trial.
			if err := metrics.Serve(ctx, *address); err != nil {
				_, _ = fmt.Fprintln(p.Log, err)
			}
		}()
	}
	result, err := loadgen.Run(ctx, spec, root, loadgen.Observer{
		Usage:   func() error { return usage(sampler.Sample()) },
		Probe:   func(p wire.Probe) error { return frames.Write(wire.Frame{Type: wire.TypeProbe, Probe: &p}) },
		Started: func(s wire.Started) error { return frames.Write(wire.Frame{Type: wire.TypeStarted, Started: &s}) },
		Second:  func(s v1alpha1.Second) error { return frames.Write(wire.Frame{Type: wire.TypeSecond, Second: &s}) },
		Metrics: metrics,
	})
	if err != nil {
		stage := "load"
		var at *loadgen.StageError
		if errors.As(err, &at) {
			stage = at.Stage
		}
		return fail(stage, err)
	}
	if err := frames.Write(wire.Frame{Type: wire.TypeResult, Result: &result}); err != nil {
		return err
	}
	return frames.Write(wire.Frame{Type: wire.TypeEnd})
}
