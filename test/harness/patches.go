package harness

import (
	"encoding/json"
	"fmt"
	"maps"
)

// Patches for the injector, by the name of their file.
const (
	// PatchProxy puts HAProxy as a sidecar before the target's ports.
	PatchProxy = "proxy"
	// PatchNginx puts nginx there for HTTP, with its limits of keep-alive at their
	// defaults; PatchNginxOff one with keep-alive off.
	PatchNginx, PatchNginxOff = "nginx", "nginx-off"
	// PatchFreeze puts a container there that stops the target for two seconds in four.
	PatchFreeze = "freeze"
	// PatchDelay makes the target wait for 5 ms before each answer.
	PatchDelay = "delay"
	// PatchBurn puts a container beside ours that uses 0.3 of a core itself, and
	// one that leaves the same to children that live for a moment.
	PatchBurn = "burn"
	// PatchBurnRestart puts one there that ends with an error after 6 seconds.
	PatchBurnRestart = "burn-restart"
	// PatchBurnLimit puts one there that wants a core and may use a tenth.
	PatchBurnLimit = "burn-limit"
	// PatchSidecar adds a container of the name that Istio's proxy has.
	PatchSidecar = "sidecar"
	// PatchPrivileged adds the init container of the name and with the
	// capability that Istio's has.
	PatchPrivileged = "privileged"
	// PatchHostNetwork asks for what Pod Security 'restricted' forbids.
	PatchHostNetwork = "host-network"
)

// TargetPods selects the target pods of a run.
func TargetPods() map[string]string {
	return map[string]string{"app.kubernetes.io/component": "target"}
}

// LoadPods selects the load pods of a run.
func LoadPods() map[string]string {
	return map[string]string{"app.kubernetes.io/component": "load"}
}

// OurPods selects target and load pods.
func OurPods() map[string]string {
	return map[string]string{"app.kubernetes.io/name": "meshbench"}
}

// Patches returns the patches of all tests and of the demo.
func (h *Harness) Patches() (map[string]string, error) {
	all := map[string][]op{
		// The Service finds its ports by name. The sidecar takes the names over,
		// so every request passes it; it hands them on to the worker's own
		// ports over loopback. It complies with Pod Security 'restricted'.
		PatchProxy: {
			{"replace", "/spec/containers/0/ports/0/name", "app-http"},
			{"replace", "/spec/containers/0/ports/2/name", "app-grpc"},
			{"replace", "/spec/containers/0/readinessProbe/httpGet/port", 8080},
			{"add", "/spec/containers/-", map[string]any{
				"name": "haproxy", "image": h.ProxyImage, "imagePullPolicy": "IfNotPresent",
				"ports": []map[string]any{{"name": "http", "containerPort": 18080}, {"name": "grpc", "containerPort": 18079}},
				"resources": map[string]any{
					"requests": map[string]string{"cpu": "100m", "memory": "128Mi"},
					"limits":   map[string]string{"cpu": "2", "memory": "128Mi"},
				},
				"securityContext": map[string]any{
					"allowPrivilegeEscalation": false, "runAsNonRoot": true, "readOnlyRootFilesystem": true,
					"capabilities": map[string]any{"drop": []string{"ALL"}},
				},
				"readinessProbe": map[string]any{"tcpSocket": map[string]any{"port": 18080}, "periodSeconds": 1},
			}},
		},
		PatchNginx:    h.nginx("/nginx.conf"),
		PatchNginxOff: h.nginx("/nginx-off.conf"),
		PatchFreeze:   {{"add", "/spec/containers/-", h.burn("freeze", "100m", "-freeze=meshbench-worker")}},
		PatchSidecar: {{"add", "/spec/containers/-", map[string]any{
			"name": "istio-proxy", "image": h.ProxyImage, "imagePullPolicy": "IfNotPresent",
			"securityContext": map[string]any{
				"allowPrivilegeEscalation": false, "runAsNonRoot": true, "capabilities": map[string]any{"drop": []string{"ALL"}},
			},
		}}},
		PatchPrivileged: {{"add", "/spec/initContainers", []map[string]any{{
			"name": "istio-init", "image": h.ProxyImage, "imagePullPolicy": "IfNotPresent",
			"securityContext": map[string]any{"capabilities": map[string]any{"add": []string{"NET_ADMIN"}}},
		}}}},
		PatchDelay: {{"add", "/spec/containers/0/env",
			[]map[string]string{{"name": "MESHBENCH_TARGET_DELAY", "value": "5ms"}}}},
		PatchBurn: {{"add", "/spec/containers/-", h.burn("burn", "2", "-share=0.3")},
			{"add", "/spec/containers/-", h.burn("burn-children", "2", "-share=0.3", "-children")}},
		PatchBurnRestart: {{"add", "/spec/containers/-", h.burn("burn", "2", "-share=0.3", "-exit-after=6s")}},
		PatchBurnLimit:   {{"add", "/spec/containers/-", h.burn("burn", "100m", "-share=1")}},
		PatchHostNetwork: {{"add", "/spec/hostNetwork", true}},
	}
	maps.Copy(all, h.meshPatches())
	maps.Copy(all, h.istioPatches())
	maps.Copy(all, envoyPatches())
	out := map[string]string{}
	for name, patch := range all {
		data, err := json.Marshal(patch)
		if err != nil {
			return nil, fmt.Errorf("patch %s: %w", name, err)
		}
		out[name] = string(data)
	}
	return out, nil
}

// nginx takes the port of HTTP over, as HAProxy does.
func (h *Harness) nginx(config string) []op {
	return []op{
		{"replace", "/spec/containers/0/ports/0/name", "app-http"},
		{"replace", "/spec/containers/0/readinessProbe/httpGet/port", 8080},
		{"add", "/spec/containers/-", map[string]any{
			"name": "nginx", "image": h.NginxImage, "imagePullPolicy": "IfNotPresent", "args": []string{"-c", config},
			"ports": []map[string]any{{"name": "http", "containerPort": 18080}},
			"resources": map[string]any{
				"requests": map[string]string{"cpu": "100m", "memory": "64Mi"},
				"limits":   map[string]string{"cpu": "2", "memory": "64Mi"},
			},
			"securityContext": map[string]any{
				"allowPrivilegeEscalation": false, "runAsNonRoot": true, "readOnlyRootFilesystem": true,
				"capabilities": map[string]any{"drop": []string{"ALL"}},
			},
			"readinessProbe": map[string]any{"tcpSocket": map[string]any{"port": 18080}, "periodSeconds": 1},
		}},
	}
}

// burn is a container that complies with Pod Security 'restricted'.
func (h *Harness) burn(name, limit string, args ...string) map[string]any {
	return map[string]any{
		"name": name, "image": h.BurnImage, "imagePullPolicy": "IfNotPresent", "args": args,
		"resources": map[string]any{
			"requests": map[string]string{"cpu": "10m", "memory": "32Mi"},
			"limits":   map[string]string{"cpu": limit, "memory": "32Mi"},
		},
		"securityContext": map[string]any{
			"allowPrivilegeEscalation": false, "runAsNonRoot": true, "readOnlyRootFilesystem": true,
			"capabilities": map[string]any{"drop": []string{"ALL"}},
		},
	}
}
