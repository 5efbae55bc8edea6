// Command demo runs the plugin in the laboratory on loopback: a scripted API
// server, and the real worker as a process for every pod. It needs neither root
// nor a cluster, and shows what a run looks like, not what a mesh costs: there is
// none. Its arguments are the plugin's.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/meshbench/kubectl-meshbench/test/loopback"
)

const about = `This is a laboratory on loopback, no cluster: an API server that is scripted, and the
real load generator and target as processes of this machine. Nothing isolates them,
and there is no mesh: 'with-mesh' is a namespace like 'plain', and the report says
that it cannot see one. What you see is how a run goes and how a report reads.
It takes about a minute.`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := demo(ctx, os.Args[1:])
	stop()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		os.Exit(exit.ExitCode()) // the plugin has said why
	case err != nil:
		_, _ = fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func demo(ctx context.Context, args []string) error {
	bin, err := filepath.Abs("bin")
	if err != nil {
		return err
	}
	home, err := os.MkdirTemp("", "meshbench-loopback-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(home) }()
	server, err := loopback.Start(loopback.Sane(), filepath.Join(bin, "meshbench-worker"))
	if err != nil {
		return err
	}
	defer server.Close()
	kubeconfig := filepath.Join(home, "kubeconfig")
	if err := server.Kubeconfig(kubeconfig, "loopback"); err != nil {
		return err
	}
	if len(args) == 0 {
		_, _ = fmt.Fprintln(os.Stderr, about)
		args = []string{"exp2", "--rate", "200", "--rounds", "4", "--duration", "4s", "--warmup", "1s", "--resources", "none",
			"--image", "loopback.test/worker:demo", "--inconclusive", "pass"}
	}
	args = append(args, "--kubeconfig", kubeconfig)
	plugin := exec.CommandContext(ctx, filepath.Join(bin, "kubectl-meshbench"), args...)
	plugin.Cancel = func() error { return plugin.Process.Signal(os.Interrupt) }
	plugin.Env = append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(home, "state"))
	plugin.Stdin, plugin.Stdout, plugin.Stderr = os.Stdin, os.Stdout, os.Stderr
	return plugin.Run()
}
