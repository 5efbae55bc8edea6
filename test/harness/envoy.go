package harness

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/test/envoy/shape"
)

// envoyImage holds Envoy, and what stands for the programs beside it.
const envoyImage = "meshbench.test/envoy-as-configured:2.14.3"

// envoyNamespace holds its control plane.
const envoyNamespace = "meshbench-test-envoy"

// Patches that inject "Envoy as Kuma configures it" and "Envoy as Consul configures
// it" into the pods of a run: test/envoy says what of it is real.
const (
	PatchEnvoyAsKuma   = "envoy-as-kuma"
	PatchEnvoyAsConsul = "envoy-as-consul"
	// PatchEnvoyAsKumaLimited limits it to a fifth of a core.
	PatchEnvoyAsKumaLimited = "envoy-as-kuma-200m"
)

// sidesOfARun are the pods that are injected, by what they are called.
func sidesOfARun() map[string]map[string]string {
	return map[string]map[string]string{shape.Load: LoadPods(), shape.Target: TargetPods()}
}

// InstallEnvoy brings Envoy's image onto the nodes of the throwaway cluster, and runs
// the control plane of its shapes until the function that it returns is called.
func (h *Harness) InstallEnvoy(ctx context.Context) (remove func(context.Context) error, err error) {
	dir := os.Getenv("MESHBENCH_E2E_ENVOY")
	if dir == "" || h.Load == nil {
		return nil, errors.New("this Envoy needs the throwaway cluster: start this with `make e2e`")
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*.tar"))
	if err != nil {
		return nil, err
	}
	if err := h.Load(ctx, archives...); err != nil {
		return nil, err
	}
	if _, err := h.Create(ctx, Namespace{Name: envoyNamespace}); err != nil {
		return nil, err
	}
	remove = func(ctx context.Context) error {
		for _, kind := range []string{"clusterrole", "clusterrolebinding", "namespace"} {
			if err := h.kubectl(ctx, "delete", kind, envoyNamespace, "--ignore-not-found"); err != nil {
				return err
			}
		}
		return nil
	}
	if err := h.kubectl(ctx, "apply", "--namespace", envoyNamespace, "--filename",
		filepath.Join(dir, "install.yaml")); err != nil {
		return remove, err
	}
	return remove, h.kubectl(ctx, "wait", "--namespace", envoyNamespace, "--for=condition=Ready", "--timeout=60s",
		"pod/control-plane")
}

// InjectEnvoy makes the injector put one of the patches above into the pods of
// both sides, and returns what to label namespaces with.
func (i *Injector) InjectEnvoy(ctx context.Context, patch string) (map[string]string, error) {
	labels := map[string]string{
		// Redirection needs root and NET_ADMIN, as with the meshes themselves.
		"pod-security.kubernetes.io/enforce": "privileged",
	}
	for side, pods := range sidesOfARun() {
		name := patch + "-" + side
		label, err := i.Apply(ctx, name, "/patch/"+name, pods)
		if err != nil {
			return nil, err
		}
		maps.Copy(labels, label)
	}
	return labels, nil
}

// ConfigureEnvoy gives a namespace the bootstraps of both sides' Envoys, where injected
// pods look for them. What they say of the Envoys, the control plane acts on.
func (h *Harness) ConfigureEnvoy(ctx context.Context, namespace string, p shape.Proxy) error {
	for side := range sidesOfARun() {
		p.Side = side
		bootstrap, err := p.Bootstrap()
		if err != nil {
			return err
		}
		data := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: envoyConfig(side)},
			Data: map[string]string{"envoy.yaml": string(bootstrap)}}
		if _, err := h.Clientset.CoreV1().ConfigMaps(namespace).Create(ctx, data, metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	return nil
}

func envoyConfig(side string) string { return "test-envoy-" + side }

func envoyPatches() map[string][]op {
	out := map[string][]op{}
	for side := range sidesOfARun() {
		out[PatchEnvoyAsKuma+"-"+side] = envoyAsKuma(side, "")
		out[PatchEnvoyAsKumaLimited+"-"+side] = envoyAsKuma(side, "200m")
		out[PatchEnvoyAsConsul+"-"+side] = envoyAsConsul(side)
	}
	return out
}

// envoyAsKuma is what Kuma's injector does to a pod (2.14.3:
// pkg/plugins/runtime/k8s/webhooks/injector, its golden inject.sidecar-feature.01).
// Nodes of the throwaway cluster offer no ephemeral storage, so none is asked for.
func envoyAsKuma(side, cpuLimit string) []op {
	const tmp, initTmp = "kuma-sidecar-tmp", "kuma-init-tmp"
	args, limits := []string{"run", "--log-level=info"}, map[string]string{"memory": "512Mi"}
	if cpuLimit != "" {
		// Two threads at least, however little they may use.
		args, limits["cpu"] = append(args, "--concurrency=2"), cpuLimit
	}
	patch := []op{
		{"add", "/spec/initContainers", []map[string]any{{
			"name": "kuma-init", "image": envoyImage, "imagePullPolicy": "IfNotPresent",
			"command": []string{"/usr/bin/kumactl", "install", "transparent-proxy"},
			"args":    []string{"--exclude-inbound-ports=9000", "--verbose"},
			"env":     []map[string]any{{"name": "XTABLES_LOCKFILE", "value": "/tmp/xtables.lock"}},
			"resources": map[string]any{"limits": map[string]string{"memory": "50M"},
				"requests": map[string]string{"cpu": "20m", "memory": "20M"}},
			"securityContext": map[string]any{"runAsUser": 0, "runAsGroup": 0, "runAsNonRoot": false,
				"readOnlyRootFilesystem": true,
				"capabilities":           map[string]any{"add": []string{"NET_ADMIN", "NET_RAW"}, "drop": []string{"ALL"}}},
			"volumeMounts": []map[string]any{{"name": initTmp, "mountPath": "/tmp"}},
		}, {
			"name": "kuma-sidecar", "image": envoyImage, "imagePullPolicy": "IfNotPresent", "restartPolicy": "Always",
			"args": args,
			"env": []map[string]any{fieldOf("INSTANCE_IP", "status.podIP"), fieldOf("POD_NAME", "metadata.name"),
				fieldOf("POD_NAMESPACE", "metadata.namespace"),
				{"name": "KUMA_DATAPLANE_DRAIN_TIME", "value": "30s"}, {"name": "KUMA_DATAPLANE_MESH", "value": "default"},
				{"name": "KUMA_DNS_ENABLED", "value": "false"}},
			// What it asks for is less than Kuma's 50m: all targets of a run share one node.
			"resources": map[string]any{"limits": limits, "requests": map[string]string{"cpu": "20m", "memory": "64Mi"}},
			"securityContext": map[string]any{"runAsUser": 5678, "runAsGroup": 5678, "allowPrivilegeEscalation": false,
				"readOnlyRootFilesystem": true, "capabilities": map[string]any{"drop": []string{"ALL"}}},
			"startupProbe": kumaProbe(), "readinessProbe": kumaProbe(),
			"volumeMounts": []map[string]any{{"name": tmp, "mountPath": "/tmp"},
				{"name": "envoy", "mountPath": "/etc/envoy", "readOnly": true}},
		}}},
		{"add", "/spec/volumes/-", map[string]any{"name": initTmp, "emptyDir": map[string]any{"sizeLimit": "10M"}}},
		{"add", "/spec/volumes/-", map[string]any{"name": tmp, "emptyDir": map[string]any{"sizeLimit": "10M"}}},
		{"add", "/spec/volumes/-",
			map[string]any{"name": "envoy", "configMap": map[string]any{"name": envoyConfig(side)}}},
	}
	if side == shape.Target { // the one that has a probe
		patch = append(patch, op{"replace", "/spec/containers/0/readinessProbe/httpGet/port", 9000},
			op{"replace", "/spec/containers/0/readinessProbe/httpGet/path", "/8080/healthz"})
	}
	return append(patch, marks(map[string]string{"kuma.io/mesh": "default"}, map[string]string{
		"kuma.io/application-probe-proxy-port": "9000", "kuma.io/envoy-admin-port": "9901",
		"kuma.io/sidecar-injected": "true", "kuma.io/sidecar-uid": "5678", "kuma.io/transparent-proxying": "enabled",
		"kuma.io/transparent-proxying-inbound-port":   "15006",
		"kuma.io/transparent-proxying-ip-family-mode": "ipv4",
		"kuma.io/transparent-proxying-outbound-port":  "15001", "kuma.io/virtual-probes": "disabled",
		"kuma.io/virtual-probes-port": "9000"})...)
}

// kumaProbe asks kuma-dp, as Kuma's kubelets do where Envoy's admin interface is a
// socket. Kuma's period is 5 s; tests do not wait so long.
func kumaProbe() map[string]any {
	return map[string]any{"httpGet": map[string]any{"path": "/ready", "port": 9902}, "initialDelaySeconds": 0,
		"periodSeconds": 1, "timeoutSeconds": 3, "failureThreshold": 60}
}

func fieldOf(name, path string) map[string]any {
	return map[string]any{"name": name, "valueFrom": map[string]any{"fieldRef": map[string]any{"fieldPath": path}}}
}

// envoyAsConsul is what Consul's injector does to a pod with a transparent proxy
// (consul-k8s@a507b1d1e: control-plane/connect-inject/webhook), without the CNI plugin.
func envoyAsConsul(side string) []op {
	const data = "consul-connect-inject-data"
	redirection := `{"ConsulDNSIP":"","ConsulDNSPort":0,"ProxyUserID":"5995","ProxyInboundPort":20000,` +
		`"ProxyOutboundPort":15001,"ExcludeInboundPorts":["20400"],"ExcludeUIDs":["5996"],"NetNS":"","IptablesProvider":null}`
	mount := map[string]any{"name": data, "mountPath": "/consul/connect-inject"}
	env := []map[string]any{fieldOf("POD_NAME", "metadata.name"), fieldOf("POD_NAMESPACE", "metadata.namespace"),
		fieldOf("NODE_NAME", "spec.nodeName")}
	patch := []op{
		{"add", "/spec/initContainers", []map[string]any{{
			"name": "consul-connect-inject-init", "image": envoyImage, "imagePullPolicy": "IfNotPresent",
			"command": []string{"/usr/local/bin/consul-k8s-control-plane", "connect-init", "-log-level=info", "-log-json=false"},
			"env": append([]map[string]any{{"name": "CONSUL_REDIRECT_TRAFFIC_CONFIG", "value": redirection},
				// Where iptables locks itself; the root of this image is not its user's.
				{"name": "XTABLES_LOCKFILE", "value": "/consul/connect-inject/xtables.lock"}}, env...),
			"resources": map[string]any{"limits": map[string]string{"cpu": "50m", "memory": "150Mi"},
				"requests": map[string]string{"cpu": "20m", "memory": "25Mi"}},
			"securityContext": map[string]any{"runAsUser": 0, "runAsGroup": 0, "runAsNonRoot": false, "privileged": false,
				"capabilities": map[string]any{"add": []string{"NET_ADMIN"}}},
			"volumeMounts": []map[string]any{mount},
		}}},
		{"add", "/spec/containers/-", map[string]any{
			"name": "consul-dataplane", "image": envoyImage, "imagePullPolicy": "IfNotPresent",
			"command": []string{"/usr/local/bin/consul-dataplane"},
			"args": []string{"-addresses", "consul-server.consul.svc", "-envoy-admin-bind-address=127.0.0.1",
				"-consul-dns-bind-addr=127.0.0.1", "-xds-bind-addr=127.0.0.1", "-grpc-port=8502",
				"-proxy-service-id-path=/consul/connect-inject/proxyid", "-log-level=info", "-log-json=false",
				"-envoy-concurrency=2", "-graceful-addr=127.0.0.1", "-tls-disabled", "-graceful-port=20600",
				"-telemetry-prom-scrape-path=/metrics"},
			"env": append([]map[string]any{{"name": "TMPDIR", "value": "/consul/connect-inject"}}, env...),
			"readinessProbe": map[string]any{"tcpSocket": map[string]any{"port": 20000}, "initialDelaySeconds": 1,
				"periodSeconds": 1},
			"securityContext": map[string]any{"runAsUser": 5995, "runAsGroup": 5995, "runAsNonRoot": true,
				"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
				"seccompProfile": map[string]any{"type": "RuntimeDefault"},
				"capabilities":   map[string]any{"drop": []string{"ALL"}}},
			"volumeMounts": []map[string]any{mount, {"name": "envoy", "mountPath": "/etc/envoy", "readOnly": true}},
		}},
		{"add", "/spec/volumes", []map[string]any{{"name": data, "emptyDir": map[string]any{"medium": "Memory"}},
			{"name": "envoy", "configMap": map[string]any{"name": envoyConfig(side)}}}},
	}
	if side == shape.Target { // the one that has a probe
		patch = append(patch, op{"replace", "/spec/containers/0/readinessProbe/httpGet/port", 20400})
	}
	return append(patch, marks(map[string]string{
		"consul.hashicorp.com/connect-inject-status":     "injected",
		"consul.hashicorp.com/connect-inject-managed-by": "consul-k8s-endpoints-controller",
	}, map[string]string{
		"consul.hashicorp.com/connect-inject-status":    "injected",
		"consul.hashicorp.com/transparent-proxy-status": "enabled",
		"consul.hashicorp.com/consul-k8s-version":       "2.0.3",
	})...)
}
