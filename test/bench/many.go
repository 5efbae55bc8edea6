package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

const (
	manyConnections = 10_000
	manyRate        = 1000
)

// many holds the most connections that an experiment may ask for, and says what
// memory both ends take at the beginning and at the end of the long trial.
func (b *bench) many(protocol v1alpha1.Protocol) func(context.Context, servers) error {
	return func(ctx context.Context, s servers) error {
		address := map[v1alpha1.Protocol]string{v1alpha1.ProtocolHTTP1: s.target,
			v1alpha1.ProtocolGRPC: s.targetGRPC}[protocol]
		seconds := func(n time.Duration) metav1.Duration { return metav1.Duration{Duration: n * time.Second} }
		spec, err := json.Marshal(wire.LoadSpec{
			Version: wire.Version, Trial: "bench", Clients: 1, Protocol: protocol, Target: address,
			Connections: manyConnections, Rate: manyRate, Warmup: seconds(10), Window: metav1.Duration{Duration: b.long},
			RequestTimeout: seconds(10), ReadyTimeout: seconds(30),
		})
		if err != nil {
			return err
		}
		load := pinned(ctx, b.clientCPU, b.worker, "load", "--spec", string(spec))
		var out bytes.Buffer
		load.Stdout, load.Stderr = &out, os.Stderr
		limit := b.podLimit(protocol)
		load.Env = append(os.Environ(), fmt.Sprintf("GOMEMLIMIT=%d", limit*wire.CollectorPercent/100))
		fmt.Printf("  the load worker's pod has a limit of %d MiB\n", limit>>20)
		if err := load.Start(); err != nil {
			return err
		}
		ended := make(chan error, 1)
		go func() { ended <- load.Wait() }()
		tick := time.NewTicker(max(b.long/15, time.Second))
		defer tick.Stop()
		for begun := time.Now(); ; {
			select {
			case err := <-ended:
				if err != nil {
					return err
				}
				r, err := lastResult(out.Bytes(), wire.Key{})
				if err == nil {
					fmt.Printf("  %d requests in %.0f s, %d failed %v, %d sockets in all, %s\n", r.Load.Requests,
						r.Window.Seconds, r.Load.Failed(), r.Load.Errors, r.Load.Sockets, quantiles(r.Load.ResponseTime))
				}
				return err
			case <-tick.C:
				fmt.Printf("  %6s: load worker %s, target %s\n", time.Since(begun).Round(time.Second),
					resident(load.Process.Pid), resident(b.target.command.Process.Pid))
			}
		}
	}
}

// podLimit is the memory that an experiment with so many connections asks for.
func (b *bench) podLimit(protocol v1alpha1.Protocol) int64 {
	p, _ := wire.ProtocolOf(protocol)
	return p.Load.Bytes(manyConnections, 0, 0)
}

var residentLine = regexp.MustCompile(`(?m)^VmRSS:\s+(\d+) kB`)

// resident is what memory a process has now.
func resident(pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	found := residentLine.FindSubmatch(text)
	if err != nil || found == nil {
		return "gone"
	}
	kibi, err := strconv.Atoi(string(found[1]))
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%.0f MiB", float64(kibi)/1024)
}
