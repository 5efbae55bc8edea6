package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// peerRate and peerConnections are of the trial with known response times: more
// connections than requests that fall due while the target stands still, so that
// none waits for a connection.
const (
	peerRate        = 1000
	peerConnections = 128
)

// peers compares the worker with other load generators.
type peers struct {
	config
	// dir has the programs that are built from their Go modules, and scratch is for
	// what programs want to read and write.
	dir, scratch string
	// self is this program, for the client that the others are held against.
	self string
}

// peersRole is `bench peers`.
func peersRole(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("peers", flag.ContinueOnError)
	p := peers{config: config{serverCPU: 0, clientCPU: 1}}
	flags.StringVar(&p.worker, "worker", "bin/meshbench-worker", "the worker's binary")
	flags.StringVar(&p.dir, "programs", "build/peers", "directory of the programs that are built from their modules")
	flags.DurationVar(&p.window, "window", 10*time.Second, "length of one measurement")
	flags.IntVar(&p.turns, "turns", 3, "how often they take turns")
	flags.StringVar(&p.only, "only", "", "run only programs that have this in their names")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var err error
	for _, path := range []*string{&p.dir, &p.worker} { // programs run in a directory of their own
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	if p.scratch, err = os.MkdirTemp("", "meshbench-peers-"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(p.scratch) }()
	if p.self, err = os.Executable(); err != nil {
		return err
	}
	for _, grpc := range []bool{false, true} {
		if err := p.saturation(ctx, grpc); err != nil {
			return err
		}
		if err := p.latency(ctx, grpc); err != nil {
			return err
		}
	}
	return nil
}

// those are the programs that speak the protocol and are here; the others are named.
func (p peers) those(grpc bool) (all []peer) {
	for _, one := range p.all() {
		if one.grpc != grpc || one.name != socketsName && !strings.Contains(one.name, p.only) {
			continue
		}
		if _, err := exec.LookPath(cmp.Or(one.needs, one.program)); err != nil {
			fmt.Printf("  %s is not here: %v\n", one.name, err)
			continue
		}
		all = append(all, one)
	}
	return all
}

// target starts our target with a delay, and hands over its address.
func (p peers) target(ctx context.Context, grpc bool, delay time.Duration) (*process, error) {
	http, rpc := "", ""
	for _, a := range []*string{&http, &rpc} {
		var err error
		if *a, err = freeAddress(ctx); err != nil {
			return nil, err
		}
	}
	command := pinned(ctx, p.serverCPU, p.worker, "target", "--http", http, "--grpc", rpc, "--h2c", "", "--metrics", "")
	command.Env = append(os.Environ(), "MESHBENCH_TARGET_DELAY="+delay.String())
	if grpc {
		return serve(ctx, command, rpc)
	}
	return serve(ctx, command, http)
}

func named(grpc bool) string {
	if grpc {
		return "gRPC health check"
	}
	return "HTTP/1.1"
}

// saturation is how many requests a second each gets out of our target.
func (p peers) saturation(ctx context.Context, grpc bool) error {
	server, err := p.target(ctx, grpc, 0)
	if err != nil {
		return err
	}
	defer server.stop()
	fmt.Printf("%s as fast as it goes, %d connections (%d turns of %s)\n", named(grpc), connections, p.turns, p.window)
	all := p.those(grpc)
	rates := make([][]float64, len(all))
	for range p.turns {
		for i, one := range all {
			if one.fast == nil {
				continue
			}
			answered, err := p.measure(ctx, one.program, one.fast(server.address))
			if err != nil {
				return fmt.Errorf("%s: %w", one.name, err)
			}
			got, err := one.read(answered)
			if err != nil {
				return fmt.Errorf("%s: %w", one.name, err)
			}
			rates[i] = append(rates[i], got.perSecond)
		}
	}
	for i, one := range all {
		if len(rates[i]) > 0 {
			fmt.Printf("  %-18s %9.0f/s\n", one.name, median(rates[i]))
		}
	}
	return nil
}

// latency is what each says of response times that are known.
func (p peers) latency(ctx context.Context, grpc bool) error {
	of := known()
	fmt.Printf("%s at %d/s, %d connections: each answer takes %s, and once a second the target stands still for %s "+
		"(median of %d turns of %s)\n", named(grpc), peerRate, peerConnections, of.delay, of.still, p.turns, p.window)
	all := p.those(grpc)
	got := make([]map[float64][]float64, len(all))
	for range p.turns {
		for i, one := range all {
			if one.steady == nil {
				continue
			}
			r, err := p.still(ctx, one, grpc, of)
			if err != nil {
				return fmt.Errorf("%s: %w", one.name, err)
			}
			if got[i] == nil {
				got[i] = map[float64][]float64{}
			}
			for q, v := range r.seconds {
				got[i][q] = append(got[i][q], v)
			}
		}
	}
	fmt.Printf("  %-18s %12s %12s %12s\n  %-18s", "", "p50", "p99", "p99.9", "truth")
	for _, q := range peerQuantiles() {
		fmt.Printf(" %9.1f ms", 1000*of.quantile(q).Seconds())
	}
	fmt.Println()
	var plain map[float64][]float64
	if i := slices.IndexFunc(all, func(one peer) bool { return one.name == socketsName }); i >= 0 {
		plain = got[i]
	}
	for i, one := range all {
		if got[i] == nil {
			continue
		}
		fmt.Printf("  %-18s", one.name)
		for _, q := range peerQuantiles() {
			if len(got[i][q]) == 0 {
				fmt.Printf(" %12s", "not told")
				continue
			}
			fmt.Printf(" %9.1f ms", 1000*median(got[i][q]))
		}
		if v := got[i][0.99]; len(v) > 0 {
			fmt.Printf("   p99 is off by %+.1f %%", 100*(median(v)/of.quantile(0.99).Seconds()-1))
			if seen := plain[0.99]; len(seen) > 0 && all[i].name != socketsName {
				fmt.Printf(", by %+.1f %% of what %s saw", 100*(median(v)/median(seen)-1), socketsName)
			}
		}
		fmt.Println()
	}
	return nil
}

// still is one turn against a target that stands still.
func (p peers) still(ctx context.Context, one peer, grpc bool, of truth) (outcome, error) {
	server, err := p.target(ctx, grpc, of.delay)
	if err != nil {
		return outcome{}, err
	}
	defer server.stop()
	standing, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- of.stand(standing, server.command.Process) }()
	answered, err := p.measure(ctx, one.program, one.steady(server.address))
	stop()
	if stood := <-ended; err == nil {
		err = stood
	}
	if err != nil {
		return outcome{}, err
	}
	return one.read(answered)
}

// measure runs a program to its end on the clients' processor.
func (p peers) measure(ctx context.Context, program string, args []string) ([]byte, error) {
	if err := os.RemoveAll(filepath.Join(p.scratch, h2loadLog)); err != nil {
		return nil, err
	}
	c := pinned(ctx, p.clientCPU, program, args...)
	c.Dir = p.scratch
	var said strings.Builder
	c.Stderr = &said
	out, err := output(c)
	if err != nil {
		text := said.String()
		return nil, fmt.Errorf("%w: %s", err, text[max(0, len(text)-400):])
	}
	return out, nil
}

func peerQuantiles() []float64 { return []float64{0.5, 0.99, 0.999} }

// outcome is what a program says of its run.
type outcome struct {
	perSecond float64
	// seconds are response times by quantile; those that it does not tell are not there.
	seconds map[float64]float64
}

// quantilesOf are those of single requests, in seconds.
func quantilesOf(samples []float64) map[float64]float64 {
	slices.Sort(samples)
	out := map[float64]float64{}
	for _, q := range peerQuantiles() {
		if n := len(samples); n > 0 {
			out[q] = samples[min(n-1, int(q*float64(n)))]
		}
	}
	return out
}
