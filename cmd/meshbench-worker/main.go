// Command meshbench-worker runs in the cluster: as the target that is measured
// against, or as the load that measures.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/meshbench/kubectl-meshbench/pkg/core/release"
	"github.com/meshbench/kubectl-meshbench/pkg/worker"
)

// version is set when a release is built; else the build says what it is.
var version string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	words := worker.NewLog(os.Stderr)
	program := worker.Program{Version: release.Version(version), Out: os.Stdout, Log: words, Getenv: os.Getenv}
	err := program.Run(ctx, os.Args[1:])
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(words, err)
		os.Exit(1)
	}
}
