package harness

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// IstioNamespace holds the control plane.
const IstioNamespace = "istio-system"

// IstioProxy is the name of the sidecar's container.
const IstioProxy = "istio-proxy"

// Istio is a running Istio: its own control plane and injector, iptables
// redirection and sidecars, STRICT mutual TLS in the whole mesh. test/istio
// says what is switched off in it.
type Istio struct {
	harness *Harness
	// dir holds istioctl, the images and the configuration.
	dir string
	// found: it was there before, so it stays.
	found bool
}

// InstallIstio installs Istio with its own installer, unless the cluster has
// one, and returns when a pod is seen to get its sidecar.
func (h *Harness) InstallIstio(ctx context.Context) (*Istio, error) {
	i := &Istio{harness: h, dir: os.Getenv("MESHBENCH_E2E_ISTIO")}
	if i.dir == "" {
		return nil, errors.New("MESHBENCH_E2E_ISTIO is not set: start this with `make e2e` or `make demo MESH=istio`")
	}
	_, err := h.Clientset.AppsV1().Deployments(IstioNamespace).Get(ctx, "istiod", metav1.GetOptions{})
	i.found = err == nil
	if err != nil && !apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("look for istiod: %w", err)
	}
	if !i.found {
		if err := i.install(ctx); err != nil {
			return nil, err
		}
	}
	return i, i.awaitInjection(ctx)
}

func (i *Istio) install(ctx context.Context) error {
	if i.harness.Load != nil {
		archives, err := filepath.Glob(filepath.Join(i.dir, "*.tar"))
		if err != nil {
			return err
		}
		if err := i.harness.Load(ctx, archives...); err != nil {
			return err
		}
	}
	if err := i.Ctl(ctx, "install", "--skip-confirmation", "--filename",
		filepath.Join(i.dir, "install.yaml")); err != nil {
		return err
	}
	return i.harness.kubectl(ctx, "apply", "--filename", filepath.Join(i.dir, "strict.yaml"))
}

// Labels make the pods of a namespace meshed. Pod Security 'restricted' is out
// of reach there: the container istio-init redirects traffic with iptables, as
// root and with NET_ADMIN.
func (i *Istio) Labels() map[string]string {
	return map[string]string{"istio-injection": "enabled", "pod-security.kubernetes.io/enforce": "privileged"}
}

// Remove uninstalls Istio if InstallIstio has installed it.
func (i *Istio) Remove(ctx context.Context) error {
	if i.found {
		return nil
	}
	if err := i.Ctl(ctx, "uninstall", "--purge", "--skip-confirmation"); err != nil {
		return err
	}
	if err := i.harness.Clientset.CoreV1().Namespaces().Delete(ctx, IstioNamespace, metav1.DeleteOptions{}); err != nil {
		return fmt.Errorf("remove Istio: %w", err)
	}
	return i.harness.Await(ctx, "Istio is gone", func(ctx context.Context) (bool, error) {
		_, err := i.harness.Clientset.CoreV1().Namespaces().Get(ctx, IstioNamespace, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return true, nil
		}
		return false, err
	})
}

// Ctl runs istioctl.
func (i *Istio) Ctl(ctx context.Context, args ...string) error {
	_, err := i.harness.output(ctx, filepath.Join(i.dir, "istioctl"), args...)
	return err
}

// Admin asks the sidecar of a pod, from inside, for a path of Envoy's admin
// interface, e.g. "stats?filter=ssl.handshake".
func (i *Istio) Admin(ctx context.Context, namespace, pod, path string) (string, error) {
	return i.harness.output(ctx, i.harness.Kubectl, "exec", "--namespace", namespace, pod, "--container", IstioProxy, "--",
		"pilot-agent", "request", "GET", path)
}

// awaitInjection waits until the API server, whose view of webhooks lags,
// sends a pod to istiod: a server-side dry run comes back with a sidecar.
func (i *Istio) awaitInjection(ctx context.Context) error {
	h := i.harness
	trial, err := h.Create(ctx, Namespace{Prefix: "istio-trial", Labels: i.Labels()})
	if err != nil {
		return err
	}
	defer func() { _ = h.Remove(context.WithoutCancel(ctx), trial) }()
	return h.Await(ctx, "Istio injects its sidecar", func(ctx context.Context) (bool, error) {
		pod := h.injectorPod(metav1.ObjectMeta{Name: "trial", Namespace: trial})
		after, err := h.Clientset.CoreV1().Pods(trial).Create(ctx, pod,
			metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		if err != nil {
			return false, unlessTransient(err)
		}
		return HasIstioProxy(after), nil
	})
}

// unlessTransient forgives what a new namespace and a new webhook answer.
func unlessTransient(err error) error {
	if apierrors.IsInternalError(err) || isNoAccountYet(err) {
		return nil
	}
	return err
}

// HasIstioProxy tells whether a pod has the sidecar, in either form.
func HasIstioProxy(pod *corev1.Pod) bool {
	for _, containers := range [][]corev1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for _, c := range containers {
			if c.Name == IstioProxy {
				return true
			}
		}
	}
	return false
}

func (h *Harness) kubectl(ctx context.Context, args ...string) error {
	_, err := h.output(ctx, h.Kubectl, args...)
	return err
}

// output runs a client program of the cluster.
func (h *Harness) output(ctx context.Context, program string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, program, args...)
	c.Env = append(os.Environ(), "KUBECONFIG="+h.Kubeconfig)
	out, err := c.Output()
	if err != nil {
		said := out
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			said = append(said, exit.Stderr...)
		}
		return "", fmt.Errorf("%s %v: %w: %s", filepath.Base(program), args, err, said)
	}
	return string(out), nil
}
