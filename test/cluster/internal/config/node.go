// Package config renders the configuration files of a cluster's components.
package config

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/test/cluster/internal/layout"
)

// PauseImage is the sandbox image; it is ours, so no registry is needed.
const PauseImage = "meshbench.test/pause:dev"

// MachinePlugins is where Debian puts the plugins of the CNI project.
const MachinePlugins = "/usr/lib/cni"

// Containerd is the configuration of a node's containerd, which finds the plugins
// of the pods' network in a directory. All paths are those a node sees: /run and
// /var/lib are its own.
func Containerd(plugins string) string {
	return `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing"]
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "` + PauseImage + `"
  # Machines without CAP_SYS_RESOURCE refuse a lower score.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "` + plugins + `"
    conf_dir = "/run/cni"
`
}

// CNI is the network configuration of a node's pods. Each pod has a link of
// its own to the node, so that all its traffic is routed and kube-proxy sees
// it, also between pods of one node.
func CNI(l layout.Layout, node int) (string, error) {
	var ranges [][]map[string]string
	var routes []map[string]string
	for _, a := range l.Addresses() {
		ranges = append(ranges, []map[string]string{{"subnet": a.NodePods(node)}})
		routes = append(routes, map[string]string{"dst": a.Everywhere()})
	}
	data, err := json.MarshalIndent(map[string]any{
		"cniVersion": "0.4.0",
		"name":       "meshbench",
		"plugins": []any{map[string]any{
			"type": "ptp",
			"ipam": map[string]any{
				"type":    "host-local",
				"dataDir": "/run/cni-ipam",
				"ranges":  ranges,
				"routes":  routes,
			},
		}},
	}, "", "  ")
	if err != nil {
		return "", fmt.Errorf("render the pod network: %w", err)
	}
	return string(data), nil
}

// KubeletFiles are the files that a kubelet's configuration names.
type KubeletFiles struct{ ClientCA, Cert, Key, ResolvConf string }

// quoted is an address as YAML takes it for a text.
func quoted(address string) string { return fmt.Sprintf("%q", address) }

// Kubelet is the configuration of a node's kubelet. A test machine is small
// and shared, so nothing is evicted or collected for want of room.
func Kubelet(l layout.Layout, cgroupRoot string, f KubeletFiles) string {
	return fmt.Sprintf(`apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: %s}
authorization: {mode: Webhook}
address: %s
tlsCertFile: %s
tlsPrivateKeyFile: %s
clusterDNS: [%s]
clusterDomain: %s
resolvConf: %s
cgroupDriver: cgroupfs
cgroupRoot: %s
enforceNodeAllocatable: []
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
failSwapOn: false
localStorageCapacityIsolation: false
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
evictionHard: {}
makeIPTablesUtilChains: false
syncFrequency: 10s
nodeStatusUpdateFrequency: 4s
`, f.ClientCA, quoted(l.Any()), f.Cert, f.Key, quoted(l.First().DNS()), layout.ClusterDomain, f.ResolvConf, cgroupRoot)
}

// Corefile is the configuration of CoreDNS.
func Corefile(kubeconfig string, traefikNames bool) string {
	rewrite := ""
	if traefikNames {
		rewrite = fmt.Sprintf(traefikRewrite, layout.ClusterDomain)
	}
	return fmt.Sprintf(`.:53 {
    errors
    health 127.0.0.1:8080
    ready 127.0.0.1:8181
    cache 5
%s    kubernetes %s {
        kubeconfig %s
        ttl 5
    }
}
`, rewrite, layout.ClusterDomain, kubeconfig)
}

// traefikRewrite leads names of Traefik Mesh to shadow Services, as the block
// does that its controller writes into a Corefile (pkg/dns/dns.go of v1.4.8).
const traefikRewrite = `    rewrite stop {
        name regex ^([a-zA-Z0-9-]+)\.([a-zA-Z0-9-]+)\.traefik\.mesh\.$ ` +
	`traefik-mesh-{1}-6d61657368-{2}.traefik-mesh.svc.%s
        answer auto
    }
`

// DNSObjects make CoreDNS, which runs beside the control plane, the Service
// "kube-dns".
func DNSObjects(l layout.Layout) string {
	policy := "SingleStack"
	if len(l.Addresses()) > 1 {
		policy = "RequireDualStack"
	}
	text := fmt.Sprintf(`apiVersion: v1
kind: Service
metadata:
  name: kube-dns
  namespace: kube-system
spec:
  clusterIP: %[1]q
  clusterIPs: ["%[2]s"]
  ipFamilyPolicy: %[3]s
  ipFamilies: [%[4]s]
  ports:
  - {name: dns, port: 53, protocol: UDP}
  - {name: dns-tcp, port: 53, protocol: TCP}
`, l.First().DNS(), strings.ReplaceAll(l.Joined(layout.Addresses.DNS), ",", `", "`), policy,
		l.Joined(layout.Addresses.Name))
	for _, a := range l.Addresses() {
		text += fmt.Sprintf(`---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: kube-dns-control-plane-%s
  namespace: kube-system
  labels: {kubernetes.io/service-name: kube-dns}
addressType: %s
ports:
- {name: dns, port: 53, protocol: UDP}
- {name: dns-tcp, port: 53, protocol: TCP}
endpoints:
- addresses: [%q]
`, strings.ToLower(a.Name()), a.Name(), a.ControlPlane())
	}
	return text
}
