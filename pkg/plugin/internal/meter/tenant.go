package meter

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// namedTenants is how many other pods of a node are named; the rest is summed.
const namedTenants = 10

// tenants are the other pods of each node: the busiest by name, then one entry
// for all the rest. Their series are left out.
func (l *readings) tenants(s scope, w v1alpha1.Window, source v1alpha1.SourceName) []v1alpha1.ContainerUsage {
	var all []v1alpha1.ContainerUsage
	for _, node := range s.nodes() {
		all = append(all, l.tenantsOf(node, s, w, source)...)
	}
	return all
}

func (l *readings) tenantsOf(node string, s scope, w v1alpha1.Window,
	source v1alpha1.SourceName) []v1alpha1.ContainerUsage {
	type pod struct{ namespace, name string }
	// By container; a whole pod is one without a name.
	wholes, parts := map[pod]map[string][]*series{}, map[pod]map[string][]*series{}
	for id, x := range l.containers {
		// A pod with one relevant container is no tenant, whatever its others do.
		if id.Node != node || s.knows(id.Namespace, id.Pod) {
			continue
		}
		p := pod{id.Namespace, id.Pod}
		into := parts
		if id.Container == "" {
			into = wholes
		}
		if into[p] == nil {
			into[p] = map[string][]*series{}
		}
		into[p][id.Container] = append(into[p][id.Container], x)
	}
	for p, x := range parts {
		if wholes[p] == nil { // not every Prometheus keeps the rows of pods
			wholes[p] = x
		}
	}
	var all []v1alpha1.ContainerUsage
	for p, lives := range wholes {
		u := v1alpha1.ContainerUsage{Namespace: p.namespace, Pod: p.name, Node: node, Side: v1alpha1.SideOther,
			Part: v1alpha1.PartOther, Source: source}
		if sum, ok := together(lives, w, l.cores(node)); ok {
			u.CPUSeconds, u.CoveredSeconds, u.CPUErrorSeconds = &sum.amount, sum.covered, &sum.bound
			all = append(all, u)
		}
	}
	slices.SortFunc(all, func(a, b v1alpha1.ContainerUsage) int {
		return cmp.Or(-cmp.Compare(*a.CPUSeconds, *b.CPUSeconds), compareUsages(a, b))
	})
	if len(all) <= namedTenants {
		return all
	}
	rest := v1alpha1.ContainerUsage{
		Pod: fmt.Sprintf("(%d more pods)", len(all)-namedTenants), Node: node,
		Side: v1alpha1.SideOther, Part: v1alpha1.PartOther, Source: source,
		CPUSeconds: new(float64), CPUErrorSeconds: new(float64),
	}
	for _, u := range all[namedTenants:] {
		*rest.CPUSeconds += *u.CPUSeconds
		*rest.CPUErrorSeconds += *u.CPUErrorSeconds
		rest.CoveredSeconds = max(rest.CoveredSeconds, u.CoveredSeconds)
	}
	return append(all[:namedTenants], rest)
}

// together adds up the containers of a pod, which run side by side; ok is false
// if that gives no figure.
func together(all map[string][]*series, w v1alpha1.Window, cores float64) (sum growth, ok bool) {
	for _, series := range all {
		lives, reason := oneEach(series)
		if reason != "" {
			return growth{}, false
		}
		for _, s := range lives {
			g := over(s.cpu.spans, w, cores)
			sum.amount += g.amount
			sum.bound += g.bound
			sum.covered = max(sum.covered, g.covered)
		}
	}
	return sum, whyMissing(sum, w, cores) == ""
}

// knows reports whether a pod is ours or of a component.
func (s scope) knows(namespace, pod string) bool {
	if _, ok := s.takes(namespace, pod); ok {
		return true
	}
	return slices.ContainsFunc(s.components, func(r resolved) bool { return r.has(namespace, pod) })
}
