// Command kubectl-meshbench is the kubectl plugin: it measures what a service
// mesh costs on a cluster that already runs one.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/meshbench/kubectl-meshbench/pkg/core/release"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/cli"
)

// version is set when a release is built; else the build says what it is.
var version string

// workerDigest is that of the worker's image of a release.
var workerDigest string

func main() {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	streams := genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}
	build := cli.Build{Version: release.Version(version), WorkerDigest: workerDigest}
	os.Exit(cli.Main(context.Background(), signals, build, streams, cli.Args(os.Args)))
}
