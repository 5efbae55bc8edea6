package harness

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Patches for pods of a real Istio. They are applied before its own injector,
// which reads the annotations and labels that they put there.
const (
	// PatchHold starts the application after a classic sidecar, which then is the
	// first container of its pod.
	PatchHold = "istio-hold"
	// PatchOutbound leads the port of the target's Service around the client's
	// sidecar, PatchInbound that of the target around its own.
	PatchOutbound = "istio-outbound"
	PatchInbound  = "istio-inbound"
	// PatchBare keeps the sidecar out of a pod.
	PatchBare = "istio-bare"
	// PatchUnlabelled serves a counter of Istio's name that lacks the labels by which
	// its series are told apart, as it does where users removed them. Istio's agent
	// merges it into what the sidecar serves.
	PatchUnlabelled = "istio-unlabelled"
)

// smallProxy makes Istio's sidecar ask for less than its default: all targets of
// a run share one node.
func smallProxy(annotations map[string]string) map[string]string {
	annotations["sidecar.istio.io/proxyCPU"] = "20m"
	annotations["sidecar.istio.io/proxyMemory"] = "64Mi"
	annotations["sidecar.istio.io/proxyCPULimit"] = "1"
	annotations["sidecar.istio.io/proxyMemoryLimit"] = "256Mi"
	return annotations
}

func (h *Harness) istioPatches() map[string][]op {
	const counters = "9464"
	unlabelled := h.container("counters")
	unlabelled["image"] = h.InjectorImage
	unlabelled["args"] = []string{"-listen", ":" + counters, "-counters",
		"# TYPE istio_requests_total counter\nistio_requests_total{response_code=\"200\"} 7\n"}
	return map[string][]op{
		PatchHold: marks(nil, smallProxy(map[string]string{"sidecar.istio.io/nativeSidecar": "false",
			"proxy.istio.io/config": `{"holdApplicationUntilProxyStarts": true}`})),
		PatchOutbound: marks(nil, smallProxy(map[string]string{"traffic.sidecar.istio.io/excludeOutboundPorts": "8080"})),
		PatchInbound:  marks(nil, smallProxy(map[string]string{"traffic.sidecar.istio.io/excludeInboundPorts": "8080"})),
		PatchBare:     marks(map[string]string{"sidecar.istio.io/inject": "false"}, nil),
		PatchUnlabelled: sidecar(unlabelled, false, nil, smallProxy(map[string]string{"prometheus.io/scrape": "true",
			"prometheus.io/port": counters, "prometheus.io/path": "/metrics"})),
	}
}

// marks is a patch that adds labels and annotations only.
func marks(labels, annotations map[string]string) []op {
	return sidecar(nil, false, labels, annotations)[1:]
}

// TakePlainText lets pods of a namespace take plain text beside mutual TLS, and
// those that call them send it.
func (i *Istio) TakePlainText(ctx context.Context, namespace string) error {
	dir, err := os.MkdirTemp("", "meshbench-istio-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "plain.yaml")
	text := fmt.Sprintf(`apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: plain, namespace: %[1]s}
spec: {mtls: {mode: PERMISSIVE}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: plain, namespace: %[1]s}
spec: {host: "*.%[1]s.svc.cluster.local", trafficPolicy: {tls: {mode: DISABLE}}}
`, namespace)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	return i.harness.kubectl(ctx, "apply", "--filename", file)
}
