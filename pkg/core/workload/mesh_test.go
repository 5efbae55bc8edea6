package workload

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

// objects renders an arm in a mesh: its Services, target, and a load pod of
// each protocol.
func objects(t *testing.T, id string, protocols ...v1alpha1.Protocol) (services []*corev1.Service, pods []*corev1.Pod) {
	t.Helper()
	arm := v1alpha1.Arm{Name: "meshy", Namespace: "shop", Role: v1alpha1.RoleMeshed, Mesh: id}
	run := Run{ID: "r1", Image: "worker:1", Lifetime: time.Hour, ExpiresAt: time.Unix(3600, 0), Protocols: protocols}
	if id != "" {
		c, err := mesh.Builtin()
		if err != nil {
			t.Fatal(err)
		}
		m, err := c.Get(id)
		if err != nil {
			t.Fatal(err)
		}
		run.Addressing = map[string]mesh.Addressing{arm.Name: m.Address}
		run.Counters = map[string][]mesh.CounterProof{arm.Name: m.Proof.Counters}
	}
	o := ForArm(run, arm, arm, size())
	pods = append(pods, o.Targets[0])
	for i, p := range run.protocols() {
		loads, err := LoadPods(run, Load{
			ID: string(p.ID), Serial: i + 1, Arm: arm, Size: size(), Namespaces: []string{"shop"}, Window: time.Second,
			RequestTimeout: time.Second,
			Level:          v1alpha1.Level{Clients: 1, Connections: 1, Protocol: p.ID, Placement: v1alpha1.PlacementCrossNode},
		})
		if err != nil {
			t.Fatal(err)
		}
		pods = append(pods, loads...)
	}
	return o.Services, pods
}

// golden is the part of the objects that a mesh decides.
func goldenText(t *testing.T, services []*corev1.Service, pods []*corev1.Pod) []byte {
	t.Helper()
	var out bytes.Buffer
	for _, s := range services {
		data, err := yaml.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString("---\n" + strings.Replace(string(data), "status:\n  loadBalancer: {}\n", "", 1))
	}
	for _, p := range pods {
		brief := map[string]any{
			"name": p.Name, "labels": p.Labels, "annotations": p.Annotations,
			"automountServiceAccountToken": p.Spec.AutomountServiceAccountToken, "ports": p.Spec.Containers[0].Ports,
		}
		if args := p.Spec.Containers[0].Args; args[0] == "load" {
			spec, err := wire.ParseLoadSpec([]byte(args[2]))
			if err != nil {
				t.Fatal(err)
			}
			brief["calls"] = spec.Target
			if spec.Counters != nil {
				brief["reads"] = spec.Counters
			}
		} else {
			brief["args"] = args
		}
		data, err := yaml.Marshal(brief)
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString("---\n# of the pod\n" + string(data))
	}
	return out.Bytes()
}

// One manifest cannot serve all meshes: what is HTTP/2 to one is opaque to
// another. The baseline stays plain.
func TestEachMeshIsToldItsProtocolsInItsOwnWords(t *testing.T) {
	c, err := mesh.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range append(c.IDs(), "") {
		services, pods := objects(t, id)
		got := goldenText(t, services, pods)
		name := id
		if id == "" {
			name = "baseline"
		}
		golden.Check(t, name+".yaml", got)
	}
}

func TestServicesOfMeshesFindTheirPods(t *testing.T) {
	c, err := mesh.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range c.IDs() {
		services, pods := objects(t, id)
		for _, s := range services {
			names := map[string]bool{}
			for _, port := range s.Spec.Ports {
				if names[port.Name] || len(port.Name) > 15 {
					t.Errorf("%s: port name %q is taken, or too long", id, port.Name)
				}
				names[port.Name] = true
			}
		}
		// A load pod calls the host of a Service that has its port.
		for _, p := range pods[1:] {
			spec, err := wire.ParseLoadSpec([]byte(p.Spec.Containers[0].Args[2]))
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, s := range services {
				for _, port := range s.Spec.Ports {
					protocol, _ := wire.ProtocolOf(spec.Protocol)
					found = found || strings.HasPrefix(spec.Target, s.Name+".shop.") && port.Port == protocol.Port
				}
			}
			if !found {
				t.Errorf("%s: no Service has %s", id, spec.Target)
			}
		}
	}
}

func TestOnlyProtocolsOfTheRunAreServed(t *testing.T) {
	services, _ := objects(t, "linkerd", v1alpha1.ProtocolGRPC)
	if len(services) != 1 || len(services[0].Spec.Ports) != 1 ||
		*services[0].Spec.Ports[0].AppProtocol != "kubernetes.io/h2c" {
		t.Errorf("services %+v", services)
	}
	if services, _ := objects(t, "consul", v1alpha1.ProtocolHTTP1); len(services) != 2 ||
		services[1].Spec.Selector[labelComponent] != componentLoad {
		t.Errorf("consul's load pods have no Service: %+v", services)
	}
	if services, _ := objects(t, "traefik-mesh", v1alpha1.ProtocolHTTP1, v1alpha1.ProtocolGRPC); len(services) != 2 ||
		services[1].Annotations["mesh.traefik.io/scheme"] != "h2c" {
		t.Errorf("traefik's services: %+v", services)
	}
}

// Traefik Mesh makes a Service of each, whose name holds both names and 25 letters
// of its own. Ours were longer than that leaves, so that no name was answered.
func TestNamesThatAMeshMakesOfOursFit(t *testing.T) {
	c, err := mesh.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	m, err := c.Get("traefik-mesh")
	if err != nil {
		t.Fatal(err)
	}
	arm := v1alpha1.Arm{Name: "meshy", Namespace: "bench-traefik-mesh", Role: v1alpha1.RoleMeshed}
	run := Run{ID: "261126-223723-6c13", Addressing: map[string]mesh.Addressing{arm.Name: m.Address}}
	for _, s := range services(run, arm) {
		if made := fmt.Sprintf("traefik-mesh-%s-6d61657368-%s", s.Name, arm.Namespace); len(made) > 63 {
			t.Errorf("the mesh makes %s of it, of %d characters", made, len(made))
		}
	}
	if err := NamesFit(m.Address, arm); err != nil {
		t.Error(err)
	}
	arm.Namespace = strings.Repeat("n", 40)
	if err := NamesFit(m.Address, arm); err == nil || !strings.Contains(err.Error(), "at most 25") {
		t.Errorf("a namespace of 40 letters: %v", err)
	}
	if err := NamesFit(mesh.Addressing{}, arm); err != nil {
		t.Errorf("where no name is made: %v", err)
	}
}
