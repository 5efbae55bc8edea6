package resource

import (
	"cmp"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Counted returns what the total counts by the second: containers by the best
// source that measured them, and the nodes that ran pods of ours, each machine
// once.
func Counted(r *v1alpha1.Resources) ([]v1alpha1.ContainerUsage, []v1alpha1.NodeUsage) {
	if r == nil {
		return nil, nil
	}
	containers, nodes := takingPart(r)
	return containers, machines(nodes, oursOf(containers))
}

// countedIn tells the nodes whose use is in the total: those that ran pods of
// ours, and others on the same machines. What has no node told is taken to be.
func countedIn(nodes []v1alpha1.NodeUsage, ours map[string]bool) func(node string) bool {
	counted := map[string]bool{} // nodes and machines
	byName := byNode(nodes)
	for _, n := range nodes {
		if ours[n.Node] {
			counted[n.Node] = true
			counted[cmp.Or(n.Machine, n.Node)] = true
		}
	}
	return func(node string) bool {
		return node == "" || ours[node] || counted[node] || counted[byName[node].Machine]
	}
}

// takingPart is what the sources know of a trial, without the node proxies and
// the tenants of nodes that had no part in it: some sources know the whole
// cluster.
func takingPart(r *v1alpha1.Resources) ([]v1alpha1.ContainerUsage, []v1alpha1.NodeUsage) {
	containers, nodes := bestContainers(r.Containers), bestNodes(r.Nodes)
	within := countedIn(nodes, oursOf(containers))
	return slices.DeleteFunc(containers, func(c v1alpha1.ContainerUsage) bool {
		return (c.Side == v1alpha1.SideNode || c.Side == v1alpha1.SideOther) && !within(c.Node)
	}), nodes
}

// tenantsOf is what the tenants of a trial's nodes used without load, in cores.
// Which of them are named and which are summed up differs between the two
// windows, and some come and go, so only their sums can be compared.
func tenantsOf(idle Idle, nodes []v1alpha1.NodeUsage, containers []v1alpha1.ContainerUsage) float64 {
	within := countedIn(nodes, oursOf(containers))
	sum := 0.0
	for _, c := range idle.tenants {
		if within(c.Node) {
			sum += rate(c.CPUSeconds, c.CoveredSeconds)
		}
	}
	return sum
}

// oursOf are the nodes that ran pods of ours.
func oursOf(containers []v1alpha1.ContainerUsage) map[string]bool {
	ours := map[string]bool{}
	for _, c := range containers {
		if c.Side == v1alpha1.SideClient || c.Side == v1alpha1.SideServer {
			ours[c.Node] = true
		}
	}
	return ours
}

// machines are those of the nodes that are ours, each machine once.
func machines(nodes []v1alpha1.NodeUsage, ours map[string]bool) []v1alpha1.NodeUsage {
	seen := map[string]bool{}
	var out []v1alpha1.NodeUsage
	for _, n := range nodes {
		if !ours[n.Node] || n.Machine != "" && seen[n.Machine] {
			continue
		}
		seen[n.Machine] = true
		out = append(out, n)
	}
	return out
}
