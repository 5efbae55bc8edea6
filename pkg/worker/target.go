package worker

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/worker/internal/procstat"
	"github.com/meshbench/kubectl-meshbench/pkg/worker/internal/target"
)

// leastBody is what any request may have, a probe's among them.
const leastBody = 4 << 10

// delayVariable makes a target slower by a known time, so that tests can see
// whether it is found.
const delayVariable = "MESHBENCH_TARGET_DELAY"

func (p Program) target(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("target", flag.ContinueOnError)
	o := target.Options{Version: p.Version, Addresses: map[v1alpha1.Protocol]string{}}
	for _, p := range wire.Protocols() {
		flags.Func(p.PortName, fmt.Sprintf("address for protocol %s (default :%d)", p.ID, p.Port),
			func(address string) error { o.Addresses[p.ID] = address; return nil })
		o.Addresses[p.ID] = fmt.Sprintf(":%d", p.Port)
	}
	flags.StringVar(&o.Metrics, "metrics", fmt.Sprintf(":%d", wire.PortMetrics), "address of the Prometheus metrics")
	flags.Func("counters", "which counters of the proxy in this pod to tell with each probe, in JSON",
		func(text string) error {
			return json.Unmarshal([]byte(text), &o.Counters)
		})
	largest := flags.Int("largest-body", wire.MaxBodyBytes, "the most bytes that a request or an answer may have")
	longest := flags.Duration("longest-delay", wire.MaxDelay, "the longest delay that a request may ask for")
	flags.Func("drain", "finish what is under way when asked to end, after going on to accept for so long",
		func(text string) error {
			delay, err := time.ParseDuration(text)
			o.Drain = &target.Drain{Delay: delay}
			return err
		})
	next := target.Next{Addresses: map[v1alpha1.Protocol]string{}}
	flags.Func("next", "PROTOCOL=HOST:PORT of the next target of chains", func(text string) error {
		protocol, address, ok := strings.Cut(text, "=")
		if !ok || address == "" {
			return fmt.Errorf("%q is not PROTOCOL=HOST:PORT", text)
		}
		next.Addresses[v1alpha1.Protocol(protocol)] = address
		o.Next = &next
		return nil
	})
	flags.Func("chain", "the most hops from here, and calls at once, that a request may ask for: HOPS,CALLS",
		func(text string) (err error) { next.Most, err = wire.ParseChain(text); return err })
	flags.IntVar(&next.Connections, "next-connections", 1, "how many connections to the next target are kept open")
	var key wire.Key
	flags.Func("key", "what authenticates the frames, 64 hex digits",
		func(text string) error { return key.UnmarshalText([]byte(text)) })
	if err := flags.Parse(args); err != nil {
		return err
	}
	if text := p.Getenv(delayVariable); text != "" {
		var err error
		if o.Delay, err = time.ParseDuration(text); err != nil {
			return fmt.Errorf("%s: %w", delayVariable, err)
		}
	}
	o.LargestBody, o.LongestDelay = min(max(*largest, leastBody), wire.MaxBodyBytes), max(*longest, time.Millisecond)
	if !key.IsZero() {
		o.Identity = key.Identity()
	}
	if limit, ok := memoryLimit(os.DirFS("/")); ok {
		o.MostBytes = max(limit-wire.BaseBytes, limit/4)
	}
	o.Pod, o.UID = p.Getenv(wire.EnvPod), p.Getenv(wire.EnvPodUID)
	o.OpenFiles = procstat.OpenFiles()
	server, err := target.Listen(ctx, o)
	if err != nil {
		return err
	}
	frames := wire.NewWriter(p.Out, key)
	hello := &wire.Hello{Version: p.Version, Now: time.Now().UTC(), Host: procstat.ReadHost(os.DirFS("/")),
		OpenFiles: procstat.OpenFiles()}
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
		write := writeUsage(frames)
		unwritten = procstat.Report(ctx, sampler, usageInterval, func(u wire.Usage) error {
			served := server.Served()
			u.Served, u.Onward = &served, server.Onward()
			return write(u)
		})
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
