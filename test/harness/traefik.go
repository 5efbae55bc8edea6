package harness

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TraefikNamespace holds the controller, the proxies and the shadow Services.
const TraefikNamespace = "traefik-mesh"

// TraefikProxy is the DaemonSet of the proxies, and their container.
const TraefikProxy = "traefik-mesh-proxy"

// Traefik is "Traefik per node": today's Traefik as a DaemonSet, addressed as
// Traefik Mesh addresses its proxies. test/traefik says what is different.
type Traefik struct{ harness *Harness }

// InstallTraefik installs Traefik per node on the throwaway cluster, which must
// have been brought up with --traefik-names, and returns when it is ready.
func (h *Harness) InstallTraefik(ctx context.Context) (*Traefik, error) {
	dir := os.Getenv("MESHBENCH_E2E_TRAEFIK")
	if dir == "" || h.Load == nil {
		return nil, errors.New("Traefik per node needs the throwaway cluster: start this with `make e2e`")
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*.tar"))
	if err != nil {
		return nil, err
	}
	if err := h.Load(ctx, archives...); err != nil {
		return nil, err
	}
	if _, err := h.Create(ctx, Namespace{Name: TraefikNamespace, Labels: map[string]string{
		"pod-security.kubernetes.io/enforce": "baseline"}, // its chart has no more than that
	}); err != nil {
		return nil, err
	}
	if err := h.kubectl(ctx, "apply", "--namespace", TraefikNamespace, "--filename",
		filepath.Join(dir, "install.yaml")); err != nil {
		return nil, err
	}
	return &Traefik{h}, h.awaitTraefik(ctx)
}

func (h *Harness) awaitTraefik(ctx context.Context) error {
	return h.Await(ctx, "every node has a ready Traefik", func(ctx context.Context) (bool, error) {
		set, err := h.Clientset.AppsV1().DaemonSets(TraefikNamespace).Get(ctx, TraefikProxy, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		s := set.Status
		return s.ObservedGeneration == set.Generation && s.DesiredNumberScheduled > 0 &&
			s.UpdatedNumberScheduled == s.DesiredNumberScheduled && s.NumberReady == s.DesiredNumberScheduled, nil
	})
}

// Unlimited takes the chart's limits from the proxies, and waits until they are
// ready again.
func (t *Traefik) Unlimited(ctx context.Context) error {
	patch := fmt.Sprintf(`{"spec":{"template":{"spec":{"containers":[{"name":%q,"resources":{"limits":null}}]}}}}`,
		TraefikProxy)
	if err := t.harness.kubectl(ctx, "patch", "daemonset", TraefikProxy, "--namespace", TraefikNamespace, "--patch",
		patch); err != nil {
		return err
	}
	return t.harness.awaitTraefik(ctx)
}

// Remove uninstalls all of it.
func (t *Traefik) Remove(ctx context.Context) error {
	for _, kind := range []string{"clusterrole", "clusterrolebinding"} {
		if err := t.harness.kubectl(ctx, "delete", kind, "traefik-mesh-controller", "--ignore-not-found"); err != nil {
			return err
		}
	}
	namespaces := t.harness.Clientset.CoreV1().Namespaces()
	if err := namespaces.Delete(ctx, TraefikNamespace, metav1.DeleteOptions{}); err != nil {
		return fmt.Errorf("remove Traefik: %w", err)
	}
	return t.harness.Await(ctx, "Traefik is gone", func(ctx context.Context) (bool, error) {
		_, err := namespaces.Get(ctx, TraefikNamespace, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return true, nil
		}
		return false, err
	})
}
