// Command demo prepares two namespaces, one of them with a proxy before its
// target or in a mesh, runs the plugin on them, and passes its table on. Its
// first argument names what to compare with; the others are the plugin's.
package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
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

// subject is what a demo compares with the plain namespace.
type subject struct {
	// says describes the namespace to the user.
	says string
	// prepare starts it and returns the labels of its namespace.
	prepare func(context.Context, *harness.Harness) (map[string]string, error)
}

func subjects() map[string]subject {
	return map[string]subject{
		"haproxy": {"has HAProxy (a sidecar, not a mesh) before its target", injectHAProxy},
		"istio":   {"is in an Istio mesh with STRICT mutual TLS", installIstio},
	}
}

func demo(ctx context.Context, args []string) error {
	if len(args) == 0 || subjects()[args[0]].prepare == nil {
		return fmt.Errorf("name what to compare with first, one of %v", slices.Sorted(maps.Keys(subjects())))
	}
	name, args := args[0], args[1:]
	h, err := harness.FromEnvironment()
	if err != nil {
		return err
	}
	say := func(format string, a ...any) { _, _ = fmt.Fprintf(os.Stderr, format+"\n", a...) }
	say("starting %s", name)
	labels, err := subjects()[name].prepare(ctx, h)
	if err != nil {
		return err
	}
	plain, err := h.Create(ctx, harness.Namespace{Name: "demo-plain", Role: v1alpha1.RoleBaseline})
	if err != nil {
		return err
	}
	other, err := h.Create(ctx, harness.Namespace{Name: "demo-" + name, Role: v1alpha1.RoleMeshed, Labels: labels})
	if err != nil {
		return err
	}
	say("namespace %s is the baseline, namespace %s %s", plain, other, subjects()[name].says)
	if len(args) == 0 {
		args = []string{"exp1", "--profile", "quick"}
	}
	args = append([]string{"meshbench"}, append(args, "--baseline", plain, "--meshed", other, "--image", h.WorkerImage)...)
	say("kubectl %v", args)
	kubectl := exec.CommandContext(ctx, h.Kubectl, args...)
	kubectl.Cancel = func() error { return kubectl.Process.Signal(os.Interrupt) }
	kubectl.Env = append(os.Environ(), "KUBECONFIG="+h.Kubeconfig, "PATH="+filepath.Dir(h.Plugin)+":"+os.Getenv("PATH"))
	kubectl.Stdout, kubectl.Stderr = os.Stdout, os.Stderr
	return kubectl.Run()
}

func injectHAProxy(ctx context.Context, h *harness.Harness) (map[string]string, error) {
	patches, err := h.Patches()
	if err != nil {
		return nil, err
	}
	injector, err := h.StartInjector(ctx, patches)
	if err != nil {
		return nil, err
	}
	return injector.Apply(ctx, harness.PatchProxy, "/patch/"+harness.PatchProxy, harness.TargetPods())
}

func installIstio(ctx context.Context, h *harness.Harness) (map[string]string, error) {
	istio, err := h.InstallIstio(ctx)
	if err != nil {
		return nil, err
	}
	return istio.Labels(), nil
}
