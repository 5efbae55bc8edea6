// Command demo prepares two namespaces, one of them with HAProxy as a sidecar,
// runs the plugin on them, and passes its table on.
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

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/harness"
)

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
	h, err := harness.FromEnvironment()
	if err != nil {
		return err
	}
	say := func(format string, a ...any) { _, _ = fmt.Fprintf(os.Stderr, format+"\n", a...) }
	say("starting the webhook that injects HAProxy")
	patches, err := h.Patches()
	if err != nil {
		return err
	}
	injector, err := h.StartInjector(ctx, patches)
	if err != nil {
		return err
	}
	label, err := injector.Apply(ctx, harness.PatchProxy, "/patch/"+harness.PatchProxy, harness.TargetPods())
	if err != nil {
		return err
	}
	plain, err := h.Create(ctx, harness.Namespace{Name: "demo-plain", Role: v1alpha1.RoleBaseline})
	if err != nil {
		return err
	}
	proxied, err := h.Create(ctx, harness.Namespace{Name: "demo-haproxy", Role: v1alpha1.RoleMeshed, Labels: label})
	if err != nil {
		return err
	}
	say("namespace %s is the baseline, namespace %s has HAProxy (a sidecar, not a mesh) before its target", plain, proxied)
	if len(args) == 0 {
		args = []string{"exp1", "--profile", "quick"}
	}
	args = append([]string{"meshbench"}, append(args, "--baseline", plain, "--meshed", proxied, "--image", h.WorkerImage)...)
	say("kubectl %v", args)
	kubectl := exec.CommandContext(ctx, h.Kubectl, args...)
	kubectl.Cancel = func() error { return kubectl.Process.Signal(os.Interrupt) }
	kubectl.Env = append(os.Environ(), "KUBECONFIG="+h.Kubeconfig, "PATH="+filepath.Dir(h.Plugin)+":"+os.Getenv("PATH"))
	kubectl.Stdout, kubectl.Stderr = os.Stdout, os.Stderr
	return kubectl.Run()
}
