package harness

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Harness is a cluster and what was built for it.
type Harness struct {
	Clientset  kubernetes.Interface
	Config     *rest.Config
	Kubeconfig string
	// Plugin and Kubectl are paths of programs.
	Plugin, Kubectl string
	// These images are in every node already.
	WorkerImage, InjectorImage, ProxyImage, NginxImage, BurnImage, PrometheusImage string
	// Fault breaks something of the throwaway cluster; nil on any other.
	Fault func(ctx context.Context, what ...string) error
	// Load loads image archives into every node of the throwaway cluster; nil
	// on any other, whose nodes must have them already.
	Load func(ctx context.Context, archives ...string) error
	// Enforce lets its network enforce NetworkPolicies from now on; nil likewise.
	Enforce func(ctx context.Context, _ ...string) error
}

// FromEnvironment reads what `make e2e` and `make demo` have prepared. The
// error names the first variable that is missing.
func FromEnvironment() (*Harness, error) {
	h := &Harness{}
	for _, v := range []struct {
		name string
		to   *string
	}{
		{"MESHBENCH_E2E_KUBECONFIG", &h.Kubeconfig},
		{"MESHBENCH_E2E_PLUGIN", &h.Plugin},
		{"MESHBENCH_E2E_KUBECTL", &h.Kubectl},
		{"MESHBENCH_E2E_WORKER_IMAGE", &h.WorkerImage},
		{"MESHBENCH_E2E_INJECTOR_IMAGE", &h.InjectorImage},
		{"MESHBENCH_E2E_PROXY_IMAGE", &h.ProxyImage},
		{"MESHBENCH_E2E_NGINX_IMAGE", &h.NginxImage},
		{"MESHBENCH_E2E_BURN_IMAGE", &h.BurnImage},
		{"MESHBENCH_E2E_PROMETHEUS_IMAGE", &h.PrometheusImage},
	} {
		if *v.to = os.Getenv(v.name); *v.to == "" {
			return nil, fmt.Errorf("%s is not set: start this with `make e2e` or `make demo`", v.name)
		}
	}
	var err error
	if h.Config, err = clientcmd.BuildConfigFromFlags("", h.Kubeconfig); err != nil {
		return nil, fmt.Errorf("read kubeconfig: %w", err)
	}
	h.Config.QPS, h.Config.Burst = 100, 200
	if h.Clientset, err = kubernetes.NewForConfig(h.Config); err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	if dir, name := os.Getenv("MESHBENCH_E2E_CLUSTER_DIR"), os.Getenv("MESHBENCH_E2E_CLUSTER"); dir != "" {
		tool := func(command string) func(context.Context, ...string) error {
			return func(ctx context.Context, what ...string) error {
				c := exec.CommandContext(ctx, "go", append([]string{"run", ".", command, "--name", name}, what...)...)
				c.Dir = dir
				if out, err := c.CombinedOutput(); err != nil {
					return fmt.Errorf("%s %v: %w: %s", command, what, err, out)
				}
				return nil
			}
		}
		h.Fault, h.Load, h.Enforce = tool("fault"), tool("load-image"), tool("enforce-policies")
	}
	return h, nil
}

// Namespace describes a namespace to create.
type Namespace struct {
	// Prefix begins its name; the rest is random.
	Prefix string
	// Name is the whole name, in place of Prefix.
	Name string
	// Role is the consent annotation; empty for none.
	Role   v1alpha1.Role
	Labels map[string]string
	// Annotations are put beside the role.
	Annotations map[string]string
}

// labelMadeHere marks namespaces of tests and the demo.
const labelMadeHere = "test.meshbench.dev/made-here"

// Create creates a namespace that enforces Pod Security 'restricted', and
// returns its name. A namespace of that Name which is there already is reused.
func (h *Harness) Create(ctx context.Context, n Namespace) (string, error) {
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: n.Name,
		Labels: map[string]string{
			labelMadeHere:                        "true",
			"pod-security.kubernetes.io/enforce": "restricted",
		},
		Annotations: map[string]string{},
	}}
	if ns.Name == "" {
		ns.Name = n.Prefix + "-" + random()
	}
	for k, v := range n.Labels {
		ns.Labels[k] = v
	}
	for k, v := range n.Annotations {
		ns.Annotations[k] = v
	}
	if n.Role != "" {
		ns.Annotations[v1alpha1.AnnotationRole] = string(n.Role)
	}
	if _, err := h.Clientset.CoreV1().Namespaces().Create(ctx, ns, metav1.CreateOptions{}); err != nil &&
		!apierrors.IsAlreadyExists(err) {
		return "", fmt.Errorf("create namespace: %w", err)
	}
	return ns.Name, nil
}

// Remove takes consent back at once and deletes the namespace in the background.
func (h *Harness) Remove(ctx context.Context, name string) error {
	namespaces := h.Clientset.CoreV1().Namespaces()
	ns, err := namespaces.Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	delete(ns.Annotations, v1alpha1.AnnotationRole)
	if _, err := namespaces.Update(ctx, ns, metav1.UpdateOptions{}); err != nil {
		return err
	}
	return namespaces.Delete(ctx, name, metav1.DeleteOptions{})
}

func random() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails, says its documentation
	return hex.EncodeToString(b[:])
}
