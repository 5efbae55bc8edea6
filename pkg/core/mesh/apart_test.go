package mesh_test

import (
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
)

// A container beside ours is the mesh's proxy only if the mesh has one of that name.
func TestContainersAreTheMeshsOnlyIfItHasThem(t *testing.T) {
	catalogue, err := mesh.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	const proxy, other, own = v1alpha1.PartProxy, v1alpha1.PartOther, v1alpha1.PartApplication
	for name, c := range map[string]struct {
		arm       v1alpha1.Arm
		container string
		side      v1alpha1.Side
		was, want v1alpha1.Part
	}{
		"the mesh's": {v1alpha1.Arm{Role: v1alpha1.RoleMeshed, DataPlane: &v1alpha1.DataPlane{Mesh: "istio-sidecar"}},
			"istio-proxy", v1alpha1.SideServer, proxy, proxy},
		"a log shipper in the mesh": {v1alpha1.Arm{Role: v1alpha1.RoleMeshed,
			DataPlane: &v1alpha1.DataPlane{Mesh: "istio-sidecar"}}, "log-shipper", v1alpha1.SideServer, proxy, other},
		"a log shipper beside the load": {v1alpha1.Arm{Role: v1alpha1.RoleMeshed,
			DataPlane: &v1alpha1.DataPlane{Mesh: "linkerd"}}, "log-shipper", v1alpha1.SideClient, proxy, other},
		"a mesh without sidecars": {v1alpha1.Arm{Role: v1alpha1.RoleMeshed,
			DataPlane: &v1alpha1.DataPlane{Mesh: "istio-ambient"}}, "log-shipper", v1alpha1.SideServer, proxy, other},
		"a mesh that nobody knows": {v1alpha1.Arm{Role: v1alpha1.RoleMeshed, DataPlane: &v1alpha1.DataPlane{}},
			"haproxy", v1alpha1.SideServer, proxy, proxy},
		"a baseline": {v1alpha1.Arm{Role: v1alpha1.RoleBaseline, DataPlane: &v1alpha1.DataPlane{}},
			"log-shipper", v1alpha1.SideServer, proxy, other},
		"a proxy in a baseline": {v1alpha1.Arm{Role: v1alpha1.RoleBaseline,
			DataPlane: &v1alpha1.DataPlane{Mesh: "istio-sidecar"}}, "istio-proxy", v1alpha1.SideServer, proxy, proxy},
		"our own": {v1alpha1.Arm{Role: v1alpha1.RoleBaseline}, "worker", v1alpha1.SideServer, own, own},
		"of a node": {v1alpha1.Arm{Role: v1alpha1.RoleMeshed, DataPlane: &v1alpha1.DataPlane{Mesh: "istio-ambient"}},
			"istio-proxy", v1alpha1.SideNode, proxy, proxy},
	} {
		t.Run(name, func(t *testing.T) {
			c.arm.Name, c.arm.Namespace = "arm", "ns"
			used := func() v1alpha1.Resources {
				return v1alpha1.Resources{Containers: []v1alpha1.ContainerUsage{
					{Namespace: "ns", Container: c.container, Side: c.side, Part: c.was}}}
			}
			trial := used()
			r := v1alpha1.Report{Arms: []v1alpha1.Arm{{Name: "another", Namespace: "elsewhere", Role: v1alpha1.RoleMeshed}, c.arm},
				Trials: []v1alpha1.Trial{{Arm: "arm", Resources: &trial}, {Arm: "arm"}, {Arm: "of nobody"}},
				Idle:   &v1alpha1.IdleWindow{Resources: used()}, IdleWindows: []v1alpha1.IdleWindow{{Resources: used()}}}
			catalogue.TellApart(&r)
			for where, resources := range map[string]v1alpha1.Resources{"trial": *r.Trials[0].Resources,
				"idle window": r.Idle.Resources, "later idle window": r.IdleWindows[0].Resources} {
				if got := resources.Containers[0].Part; got != c.want {
					t.Errorf("%s: %s is %q, want %q", where, c.container, got, c.want)
				}
			}
		})
	}
}
