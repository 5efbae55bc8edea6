package resource_test

import (
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
)

// A monitoring system knows the proxies and tenants of all nodes. Those of nodes
// that the total does not hold have no part in it.
func TestWhatRunsOnOtherNodesIsNotCounted(t *testing.T) {
	r := trial(node("a", "m", 1), node("b", "n", 2), node("c", "o", 4))
	r.Containers = append(r.Containers,
		container("ztunnel-a", "a", v1alpha1.SideNode, v1alpha1.PartProxy, cadvisor, 0.25),
		container("ztunnel-c", "c", v1alpha1.SideNode, v1alpha1.PartProxy, cadvisor, 3),
		container("ztunnel-d", "d", v1alpha1.SideNode, v1alpha1.PartProxy, cadvisor, 3),
		container("shop", "b", v1alpha1.SideOther, v1alpha1.PartOther, cadvisor, 0.5),
		container("cart", "c", v1alpha1.SideOther, v1alpha1.PartOther, cadvisor, 0.75),
	)
	u := resource.Of(r, resource.Idle{})
	near(t, "node proxies", u.Cores[v1alpha1.CostNodeProxy].Value, 0.25)
	near(t, "other tenants", u.Cores[v1alpha1.CostOther].Value, 0.5)
	near(t, "memory of node proxies", u.MemoryMax[v1alpha1.CostNodeProxy].Value, 2e6)
	near(t, "the rest", u.Cores[v1alpha1.CostUnattributed].Value, 3-0.9-0.25-0.5)
	counted, _ := resource.Counted(r)
	if len(counted) != 4 {
		t.Errorf("%d containers are counted, want 4: %+v", len(counted), counted)
	}
	// On one machine, the total holds them.
	shared := trial(node("a", "m", 3), node("b", "m", 3), node("c", "m", 3))
	shared.Containers = append(shared.Containers,
		container("cart", "c", v1alpha1.SideOther, v1alpha1.PartOther, cadvisor, 0.75))
	near(t, "other tenants of one machine", resource.Of(shared, resource.Idle{}).Cores[v1alpha1.CostOther].Value, 0.75)
}

// The quieter tenants of a node are summed up, under a name that only says how
// many they are.
func TestTheManyOtherTenantsOfEachNodeCount(t *testing.T) {
	more := func(node, name string, cores float64) v1alpha1.ContainerUsage {
		c := container(name, node, v1alpha1.SideOther, v1alpha1.PartOther, cadvisor, cores)
		c.Container = ""
		return c
	}
	r := trial(node("a", "m", 1), node("b", "n", 2))
	r.Containers = append(r.Containers, more("a", "(5 more pods)", 0.25), more("b", "(5 more pods)", 0.5))
	near(t, "other tenants", resource.Of(r, resource.Idle{}).Cores[v1alpha1.CostOther].Value, 0.75)

	// What they used without load is taken off, however they were named then.
	idle := &v1alpha1.IdleWindow{Resources: v1alpha1.Resources{
		Nodes: []v1alpha1.NodeUsage{node("a", "m", 0.5), node("b", "n", 0.5), node("c", "o", 1)},
		Containers: []v1alpha1.ContainerUsage{more("a", "(4 more pods)", 0.125), more("b", "gone since", 0.125),
			more("c", "(5 more pods)", 1)},
	}}
	u := resource.Of(r, resource.IdleBefore([]v1alpha1.IdleWindow{*idle}, "", 0))
	near(t, "other tenants beyond the idle window", u.Cores[v1alpha1.CostOther].Value, 0.5)
	near(t, "the rest", u.Cores[v1alpha1.CostUnattributed].Value, 3-1-0.9-0.5)
}
