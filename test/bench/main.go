// Command bench measures the worker against fortio and wrk, side by side: the
// server is pinned to one processor and the client to another, contenders take
// turns, and what is printed are medians and the median of the ratios within a
// turn. It also measures what an open schedule holds: rate, send lag, a stall.
//
//	go build -o bin/ ./cmd/meshbench-worker && go run ./test/bench
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

// config is what the command line says.
type config struct {
	worker       string
	window, long time.Duration
	turns        int
	serverCPU    int
	clientCPU    int
	only         string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 {
		if role, ok := roles()[args[0]]; ok {
			return role(ctx, args[1:])
		}
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	var c config
	flags.StringVar(&c.worker, "worker", "bin/meshbench-worker", "the worker's binary")
	flags.DurationVar(&c.window, "window", 4*time.Second, "length of one measurement")
	flags.DurationVar(&c.long, "long", 10*time.Second, "length of the trials with a stall and for memory")
	flags.IntVar(&c.turns, "turns", 5, "how often contenders take turns")
	flags.IntVar(&c.serverCPU, "server-cpu", 0, "processor of the servers")
	flags.IntVar(&c.clientCPU, "client-cpu", 1, "processor of the clients")
	flags.StringVar(&c.only, "only", "", "run only what has this in its name")
	if err := flags.Parse(args); err != nil {
		return err
	}
	b := &bench{config: c}
	defer b.close()
	return b.run(ctx)
}
