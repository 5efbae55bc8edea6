// Command controlplane tells Envoys over xDS what the mesh that they stand for would:
// the targets' Services and endpoints of their namespace, in the shape of that mesh,
// and an identity by a CA of its own.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/v3"
	server "github.com/envoyproxy/go-control-plane/pkg/server/v3"
	"google.golang.org/grpc"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

func main() {
	listen := flag.String("listen", ":18000", "where Envoys ask")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *listen)
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "controlplane:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, listen string) error {
	config, err := rest.InClusterConfig()
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	snapshots := cache.NewSnapshotCache(true, cache.IDHash{}, nil)
	known := newKnown(snapshots)
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return err
	}
	answering := grpc.NewServer()
	discovery.RegisterAggregatedDiscoveryServiceServer(answering, server.NewServer(ctx, snapshots, known.callbacks(ctx)))
	failed := make(chan error, 2)
	go func() { failed <- answering.Serve(listener) }()
	go func() { failed <- follow(ctx, client, known) }()
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	answering.Stop()
	return err
}
