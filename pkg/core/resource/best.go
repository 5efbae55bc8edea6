package resource

import (
	"cmp"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// identity tells containers apart. An entry without a namespace sums up the
// quieter tenants of its node, and every node has one of the same name.
func identity(c v1alpha1.ContainerUsage) string {
	id := c.Namespace + "/" + c.Pod + "/" + c.Container
	if c.Namespace == "" {
		return c.Node + "/" + id
	}
	return id
}

// rank orders sources, the best first; what measured nothing comes last.
func rank(source v1alpha1.SourceName, measured bool) int {
	order := []v1alpha1.SourceName{v1alpha1.SourceInPod, v1alpha1.SourceCAdvisor, v1alpha1.SourcePrometheus,
		v1alpha1.SourceMetricsAPI}
	at := slices.Index(order, source)
	if at < 0 {
		at = len(order)
	}
	if !measured {
		at += len(order) + 1
	}
	return at
}

// bestContainers keeps one entry per container. A limit and throttling that
// only another source saw are added to it.
func bestContainers(all []v1alpha1.ContainerUsage) []v1alpha1.ContainerUsage {
	var out []v1alpha1.ContainerUsage
	at := map[string]int{}
	for _, c := range sortedBy(all, func(c v1alpha1.ContainerUsage) int { return rank(c.Source, c.CPUSeconds != nil) }) {
		i, seen := at[identity(c)]
		if !seen {
			at[identity(c)] = len(out)
			out = append(out, c)
			continue
		}
		best := &out[i]
		best.CPULimitCores = cmp.Or(best.CPULimitCores, c.CPULimitCores)
		if best.ThrottledPeriods == nil {
			best.ThrottledPeriods, best.Periods = c.ThrottledPeriods, c.Periods
		}
	}
	return out
}

// bestNodes keeps one entry per node.
func bestNodes(all []v1alpha1.NodeUsage) []v1alpha1.NodeUsage {
	var out []v1alpha1.NodeUsage
	for _, n := range sortedBy(all, func(n v1alpha1.NodeUsage) int { return rank(n.Source, n.CPUSeconds != nil) }) {
		if !slices.ContainsFunc(out, func(have v1alpha1.NodeUsage) bool { return have.Node == n.Node }) {
			out = append(out, n)
		}
	}
	return out
}

// Best returns what the containers and nodes of a trial used, by the best source
// that measured each. Nodes that had no part in it are left out.
func Best(r *v1alpha1.Resources) ([]v1alpha1.ContainerUsage, []v1alpha1.NodeUsage) {
	if r == nil {
		return nil, nil
	}
	containers, nodes := takingPart(r)
	ours := oursOf(containers)
	if len(ours) == 0 {
		return containers, nodes // nobody knows which
	}
	within := countedIn(nodes, ours)
	return containers, slices.DeleteFunc(nodes, func(n v1alpha1.NodeUsage) bool {
		waypoint := func(c v1alpha1.ContainerUsage) bool { return c.Side == v1alpha1.SideWaypoint && c.Node == n.Node }
		return !within(n.Node) && !slices.ContainsFunc(containers, waypoint)
	})
}

func sortedBy[T any](all []T, by func(T) int) []T {
	return slices.SortedStableFunc(slices.Values(all), func(a, b T) int { return cmp.Compare(by(a), by(b)) })
}

func byNode(all []v1alpha1.NodeUsage) map[string]v1alpha1.NodeUsage {
	out := map[string]v1alpha1.NodeUsage{}
	for _, n := range all {
		out[n.Node] = n
	}
	return out
}
