package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// bench is one run of all measurements.
type bench struct {
	config
	running []*process
	target  *process
	dir     string
}

func (b *bench) close() {
	for _, p := range b.running {
		p.stop()
	}
	if b.dir != "" {
		_ = os.RemoveAll(b.dir)
	}
}

// contender is one of several programs that do the same.
type contender struct {
	name string
	// goal is the least ratio of the first contender to this one.
	goal float64
	run  func(context.Context) (float64, error)
}

func (b *bench) run(ctx context.Context) error {
	s, err := b.start(ctx)
	if err != nil {
		return err
	}
	http := func(address string) []contender {
		return []contender{
			{"worker", 0, b.workerThroughput(v1alpha1.ProtocolHTTP1, address)},
			{"fortio", 1, b.fortio("fortio-http", "http://"+address+"/?size=0")},
			{"wrk", 0.95, b.wrk("http://" + address + "/?size=0")},
		}
	}
	if s.reference != "" {
		if err := b.compare(ctx, "client, HTTP/1.1 closed loop, against haproxy", http(s.reference)); err != nil {
			return err
		}
	}
	for _, c := range []struct {
		name       string
		contenders []contender
	}{
		{"client, HTTP/1.1 closed loop, against our target", http(s.target)},
		{"client, gRPC closed loop, against our target", []contender{
			{"worker", 0, b.workerThroughput(v1alpha1.ProtocolGRPC, s.targetGRPC)},
			{"fortio", 1, b.fortio("fortio-grpc", s.targetGRPC)},
		}},
		{"target, HTTP/1.1, driven by wrk", []contender{
			{"target", 0, b.wrk("http://" + s.target + "/?size=0")},
			{"fortio", 1, b.wrk("http://" + s.fortio + "/?size=0")},
		}},
		{"target, HTTP/1.1, 10 kB, driven by wrk", []contender{
			{"target", 0, b.wrk("http://" + s.target + "/?size=10000")},
			{"fortio", 1, b.wrk("http://" + s.fortio + "/?size=10000")},
		}},
	} {
		if err := b.compare(ctx, c.name, c.contenders); err != nil {
			return err
		}
	}
	return b.schedule(ctx, s)
}

// compare lets contenders take turns and prints how the first one fares.
func (b *bench) compare(ctx context.Context, name string, contenders []contender) error {
	if !strings.Contains(name, b.only) {
		return nil
	}
	values := make([][]float64, len(contenders))
	for range b.turns {
		for i, c := range contenders {
			v, err := c.run(ctx)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", name, c.name, err)
			}
			values[i] = append(values[i], v)
		}
	}
	fmt.Printf("%s (%d turns of %s)\n", name, b.turns, b.window)
	for i, c := range contenders {
		line := fmt.Sprintf("  %-8s %9.0f/s", c.name, median(values[i]))
		if i > 0 {
			var ratios []float64
			for turn, v := range values[i] {
				ratios = append(ratios, values[0][turn]/v)
			}
			line += fmt.Sprintf("   %s / %s = %.2f, goal %.2f  %s", contenders[0].name, c.name, median(ratios), c.goal,
				verdict(median(ratios) >= c.goal))
		}
		fmt.Println(line)
	}
	return nil
}

func verdict(held bool) string {
	if held {
		return "held"
	}
	return "MISSED"
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
