// Command meshbench-worker runs in the cluster: as the target that is measured
// against, or as the load that measures. Its results are frames on standard
// output; everything else goes to standard error.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/loadgen"
	"github.com/meshbench/kubectl-meshbench/pkg/procstat"
	"github.com/meshbench/kubectl-meshbench/pkg/target"
	"github.com/meshbench/kubectl-meshbench/pkg/wire"
)

// version is set when a release is built.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "meshbench-worker:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("want a mode: target, load or version")
	}
	switch mode := args[0]; mode {
	case "target":
		return runTarget(ctx, args[1:])
	case "load":
		return runLoad(ctx, args[1:])
	case "version":
		_, err := fmt.Println(version)
		return err
	default:
		return fmt.Errorf("no mode %q: want target, load or version", mode)
	}
}

// delayVariable makes a target slower by a known time, so that tests can see
// whether it is found.
const delayVariable = "MESHBENCH_TARGET_DELAY"

func runTarget(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("target", flag.ContinueOnError)
	o := target.Options{Version: version}
	flags.StringVar(&o.HTTP, "http", ":8080", "address of the echo, HTTP/1.1 and HTTP/2 cleartext")
	flags.StringVar(&o.H2C, "h2c", ":8078", "second address of the echo, for HTTP/2 cleartext behind a mesh")
	flags.StringVar(&o.GRPC, "grpc", ":8079", "address of grpc.health.v1 and fortio's ping")
	flags.StringVar(&o.Metrics, "metrics", ":9091", "address of the Prometheus metrics")
	flags.Func("counters", "which counters of the proxy in this pod to tell with each probe, in JSON", func(text string) error {
		return json.Unmarshal([]byte(text), &o.Counters)
	})
	if err := flags.Parse(args); err != nil {
		return err
	}
	if text := os.Getenv(delayVariable); text != "" {
		var err error
		if o.Delay, err = time.ParseDuration(text); err != nil {
			return fmt.Errorf("%s: %w", delayVariable, err)
		}
	}
	server, err := target.Listen(ctx, o)
	if err != nil {
		return err
	}
	frames := wire.NewWriter(os.Stdout)
	hello := &wire.Hello{Version: version, Now: time.Now().UTC(), Host: procstat.ReadHost(os.DirFS("/"))}
	if err := frames.Write(wire.Frame{Type: wire.TypeHello, Hello: hello}); err != nil {
		return err
	}
	sampler := newSampler()
	defer sampler.Close()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var reports sync.WaitGroup
	var unwritten error
	reports.Go(func() {
		defer stop() // a target that nobody can read is of no use
		unwritten = procstat.Report(ctx, sampler, usageInterval, writeUsage(frames))
	})
	err = server.Serve(ctx)
	stop()
	reports.Wait()
	return errors.Join(err, unwritten)
}

// usageInterval is short enough for several frames in a window of a second, and
// long enough that a log of 10 MiB, after which kubelets begin another, holds
// those of three hours.
const usageInterval = 500 * time.Millisecond

// newSampler has its files open, so that the first sample that counts is cheap.
func newSampler() *procstat.Sampler {
	s := procstat.NewSampler("/", os.Getpid(), time.Now())
	s.Sample()
	return s
}

func writeUsage(frames *wire.Writer) func(wire.Usage) error {
	return func(u wire.Usage) error { return frames.Write(wire.Frame{Type: wire.TypeUsage, Usage: &u}) }
}

const gcPercent = 400

// runLoad does what its specification says, and writes frames. A failure is a
// frame too, so that the plugin can say why.
func runLoad(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	text := flags.String("spec", "", "what to do, in JSON")
	address := flags.String("metrics", ":9091", "address of the Prometheus metrics; empty for none")
	if err := flags.Parse(args); err != nil {
		return err
	}
	frames := wire.NewWriter(os.Stdout)
	fail := func(stage string, err error) error {
		return errors.Join(err, frames.Write(wire.Frame{Type: wire.TypeError, Error: &wire.Failure{Stage: stage, Message: err.Error()}}))
	}
	spec, err := wire.ParseLoadSpec([]byte(*text))
	if err != nil {
		return fail("spec", err)
	}
	// Most of what the load worker holds lives as long as it does, so the default
	// would collect garbage far too often: a few percent of gRPC's throughput.
	debug.SetGCPercent(gcPercent)
	root := os.DirFS("/")
	hello := &wire.Hello{Version: version, Trial: spec.Trial, Now: time.Now().UTC(), Host: procstat.ReadHost(root)}
	if err := frames.Write(wire.Frame{Type: wire.TypeHello, Hello: hello}); err != nil {
		return err
	}
	// Whatever happens, the pod ends by itself.
	limit := spec.ReadyTimeout.Duration + spec.Warmup.Duration + spec.Window.Duration + spec.RequestTimeout.Duration + time.Minute
	ctx, stop := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not done after %s", limit))
	defer stop()
	sampler := newSampler()
	defer sampler.Close()
	usage := writeUsage(frames)
	metrics := loadgen.NewMetrics(version)
	if *address != "" {
		go func() {
			// Nobody's watching is worth a trial.
			if err := metrics.Serve(ctx, *address); err != nil {
				_, _ = fmt.Fprintln(os.Stderr, "meshbench-worker:", err)
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
