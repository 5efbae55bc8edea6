package workload

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

func size() v1alpha1.PodSize {
	q := func(s string) *v1alpha1.Quantity { v := v1alpha1.MustQuantity(s); return &v }
	return v1alpha1.PodSize{CPURequest: q("250m"), CPULimit: q("2"), Memory: q("128Mi")}
}

func pods(t *testing.T, clients int) []*corev1.Pod {
	t.Helper()
	run := Run{ID: "r1", Image: "worker:1", Lifetime: time.Hour, ExpiresAt: time.Unix(3600, 0)}
	base := v1alpha1.Arm{Name: "base", Namespace: "ns-base"}
	mesh := v1alpha1.Arm{Name: "mesh", Namespace: "ns-mesh"}
	loads, err := LoadPods(run, Load{
		ID: "t", Serial: 1, Arm: mesh, Size: size(), Namespaces: []string{"ns-base", "ns-mesh"}, Window: time.Second,
		RequestTimeout: time.Second,
		Level: v1alpha1.Level{Clients: clients, Connections: 10, Protocol: v1alpha1.ProtocolGRPC,
			Placement: v1alpha1.PlacementCrossNode},
	})
	if err != nil {
		t.Fatal(err)
	}
	return append(loads, ForArm(run, base, base, size()).Targets[0], ForArm(run, mesh, base, size()).Targets[0])
}

// The rules of the level 'restricted', as in the Pod Security Standards.
func TestPodsAreRestricted(t *testing.T) {
	for _, pod := range pods(t, 2) {
		s := pod.Spec
		if s.NodeSelector[corev1.LabelOSStable] != "linux" {
			t.Errorf("%s may go to a node of another system: %v", pod.Name, s.NodeSelector)
		}
		if s.HostNetwork || s.HostPID || s.HostIPC || len(s.Volumes) > 0 {
			t.Errorf("%s uses the host or a volume", pod.Name)
		}
		if !reflect.DeepEqual(s.SecurityContext, &corev1.PodSecurityContext{SeccompProfile: &corev1.SeccompProfile{
			Type: corev1.SeccompProfileTypeRuntimeDefault}}) {
			t.Errorf("%s: pod security context %+v binds what a mesh injects too", pod.Name, s.SecurityContext)
		}
		if *s.AutomountServiceAccountToken {
			t.Errorf("%s mounts a token", pod.Name)
		}
		for _, c := range s.Containers {
			sc := c.SecurityContext
			if !*sc.RunAsNonRoot || sc.RunAsUser != nil || sc.RunAsGroup != nil ||
				sc.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault || *sc.AllowPrivilegeEscalation ||
				!*sc.ReadOnlyRootFilesystem ||
				len(sc.Capabilities.Drop) != 1 || sc.Capabilities.Drop[0] != "ALL" || len(sc.Capabilities.Add) > 0 {
				t.Errorf("%s: container security context %+v", pod.Name, sc)
			}
			for _, p := range c.Ports {
				if p.HostPort != 0 {
					t.Errorf("%s takes a host port", pod.Name)
				}
			}
		}
		if s.ActiveDeadlineSeconds == nil {
			t.Errorf("%s has no end", pod.Name)
		}
	}
}

func TestLoadPodsShareTheConnections(t *testing.T) {
	sum := 0
	for _, pod := range pods(t, 3)[:3] {
		spec, err := wire.ParseLoadSpec([]byte(pod.Spec.Containers[0].Args[2]))
		if err != nil {
			t.Fatal(err)
		}
		sum += spec.Connections
		if !strings.HasSuffix(spec.Target, ".ns-mesh.svc:8079") {
			t.Errorf("target %s is not the gRPC port of the arm", spec.Target)
		}
	}
	if sum != 10 {
		t.Errorf("load pods have %d connections together, want 10", sum)
	}
}

func TestServiceSelectsOnlyItsOwnTarget(t *testing.T) {
	run := Run{ID: "r1"}
	base := v1alpha1.Arm{Name: "base", Namespace: "a"}
	other := v1alpha1.Arm{Name: "mesh", Namespace: "a"}
	o := ForArm(run, base, base, size())
	matches := func(labels map[string]string) bool {
		for k, v := range o.Services[0].Spec.Selector {
			if labels[k] != v {
				return false
			}
		}
		return true
	}
	if !matches(o.Targets[0].Labels) {
		t.Error("the service does not select its target")
	}
	if matches(ForArm(run, other, base, size()).Targets[0].Labels) || matches(pods(t, 1)[0].Labels) ||
		matches(ForArm(Run{ID: "r2"}, base, base, size()).Targets[0].Labels) {
		t.Error("the service selects a pod that is not its target")
	}
}

func TestObjectsAreValidJSON(t *testing.T) {
	for _, pod := range pods(t, 1) {
		if _, err := json.Marshal(pod); err != nil {
			t.Error(err)
		}
	}
}
