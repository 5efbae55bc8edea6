package harness

import (
	"context"
	"maps"
	"slices"
	"strings"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Patches that shape pods as a mesh's injector does, with our own proxy under
// the name of the mesh's container.
const (
	// PatchLinkerd and PatchKuma inject native sidecars, PatchConsul a classic one.
	PatchLinkerd = "linkerd"
	PatchKuma    = "kuma"
	PatchConsul  = "consul"
	// PatchIdle injects what PatchLinkerd does, with a container that serves
	// the counters of a proxy that no request goes through.
	PatchIdle = "linkerd-idle"
)

// RunPods selects all pods of a run, of both sides.
func RunPods() map[string]string {
	return map[string]string{"app.kubernetes.io/name": "meshbench"}
}

// op is one operation of a JSON patch.
type op struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

func (h *Harness) meshPatches() map[string][]op {
	labels := map[string]string{"linkerd.io/control-plane-ns": "linkerd", "linkerd.io/workload-ns": "here"}
	annotations := map[string]string{"linkerd.io/proxy-version": "edge-26.6.3"}
	idle := h.container("linkerd-proxy")
	idle["image"] = h.InjectorImage
	idle["args"] = []string{"-listen", "127.0.0.1:4191", "-counters", `request_total{direction="inbound",tls="true"} 7
request_total{direction="outbound",tls="true"} 7
tcp_open_total{direction="inbound",peer="src",tls="true"} 7
tcp_open_total{direction="outbound",peer="src",tls="true"} 7
`}
	return map[string][]op{
		PatchLinkerd: sidecar(h.container("linkerd-proxy"), true, labels, annotations),
		PatchIdle:    sidecar(idle, true, labels, annotations),
		PatchKuma:    sidecar(h.container("kuma-sidecar"), true, nil, map[string]string{"kuma.io/sidecar-injected": "true"}),
		PatchConsul: sidecar(h.container("consul-dataplane"), false, nil,
			map[string]string{"consul.hashicorp.com/connect-inject-status": "injected",
				"consul.hashicorp.com/consul-k8s-version": "2.0.3"}),
	}
}

// container is one of our proxy's that complies with Pod Security 'restricted'.
func (h *Harness) container(name string) map[string]any {
	return map[string]any{
		"name": name, "image": h.ProxyImage, "imagePullPolicy": "IfNotPresent",
		// Little is requested: all targets of a run share one node.
		"resources": map[string]any{
			"requests": map[string]string{"cpu": "10m", "memory": "32Mi"},
			"limits":   map[string]string{"cpu": "1", "memory": "128Mi"},
		},
		"securityContext": map[string]any{
			"allowPrivilegeEscalation": false, "runAsNonRoot": true, "readOnlyRootFilesystem": true,
			"capabilities": map[string]any{"drop": []string{"ALL"}},
		},
	}
}

// sidecar is a patch that adds a container, labels and annotations.
func sidecar(container map[string]any, native bool, labels, annotations map[string]string) []op {
	patch := []op{{"add", "/spec/containers/-", container}}
	if native {
		container["restartPolicy"] = "Always"
		patch = []op{{"add", "/spec/initContainers", []any{container}}}
	}
	for _, part := range []struct {
		path string
		keys map[string]string
	}{{"/metadata/labels/", labels}, {"/metadata/annotations/", annotations}} {
		for _, key := range slices.Sorted(maps.Keys(part.keys)) {
			patch = append(patch, op{"add", part.path + strings.ReplaceAll(key, "/", "~1"), part.keys[key]})
		}
	}
	return patch
}

// Broken is Apply for an injector that does not answer and fails open, as
// Linkerd's does when it is down: pods are created as they are.
func (i *Injector) Broken(ctx context.Context, name string, podLabels map[string]string) (map[string]string, error) {
	open := admissionregistrationv1.Ignore
	hook, label := i.hook(name, "/nobody-is-here", podLabels)
	hook.Webhooks[0].FailurePolicy = &open
	_, err := i.harness.Clientset.AdmissionregistrationV1().MutatingWebhookConfigurations().Create(ctx, hook,
		metav1.CreateOptions{})
	return label, err
}
