package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"fortio.org/fortio/fgrpc"
	"fortio.org/fortio/fhttp"
	"fortio.org/fortio/periodic"
	"fortio.org/log"
)

// roles are what this program runs itself as, in processes of their own:
// fortio's command line cannot be built everywhere, its runners can.
func roles() map[string]func(context.Context, []string) error {
	return map[string]func(context.Context, []string) error{
		"fortio-server": fortioServer,
		"fortio-http":   fortioLoad,
		"fortio-grpc":   fortioGRPC,
		"peers":         peersRole,
		"sockets":       sockets,
	}
}

func fortioServer(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("want an address")
	}
	log.SetLogLevelQuiet(log.Warning)
	mux, address := fhttp.HTTPServer("echo", args[0])
	if address == nil {
		return fmt.Errorf("listen on %s", args[0])
	}
	mux.HandleFunc("/", fhttp.EchoHandler)
	<-ctx.Done()
	return nil
}

// runnerOptions are those of `fortio load -qps 0`.
func runnerOptions(args []string) (periodic.RunnerOptions, string, error) {
	flags := flag.NewFlagSet("fortio", flag.ContinueOnError)
	duration := flags.Duration("t", time.Second, "")
	connections := flags.Int("c", 1, "")
	if err := flags.Parse(args); err != nil {
		return periodic.RunnerOptions{}, "", err
	}
	log.SetLogLevelQuiet(log.Warning)
	return periodic.RunnerOptions{
		QPS: -1, Duration: *duration, NumThreads: *connections, Out: io.Discard,
		Resolution: periodic.DefaultRunnerOptions.Resolution, Percentiles: []float64{50, 99},
	}, flags.Arg(0), nil
}

func fortioLoad(_ context.Context, args []string) error {
	common, url, err := runnerOptions(args)
	if err != nil {
		return err
	}
	o := fhttp.HTTPRunnerOptions{RunnerOptions: common}
	o.Init(url)
	result, err := fhttp.RunHTTPTest(&o)
	if err != nil {
		return err
	}
	fmt.Println(result.ActualQPS)
	return nil
}

func fortioGRPC(_ context.Context, args []string) error {
	common, address, err := runnerOptions(args)
	if err != nil {
		return err
	}
	result, err := fgrpc.RunGRPCTest(&fgrpc.GRPCRunnerOptions{RunnerOptions: common, Destination: address, Streams: 1})
	if err != nil {
		return err
	}
	fmt.Println(result.ActualQPS)
	return nil
}
