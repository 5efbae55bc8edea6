package analyse

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
)

// nodeRule finds machines on which a ratio is high in some trial.
type nodeRule struct {
	// bound is the lowest ratio that is told of.
	bound float64
	// of is the ratio in one trial; false where it was not measured.
	of func(n v1alpha1.NodeUsage, containers []v1alpha1.ContainerUsage) (float64, bool)
	// evidence has room for the node and the worst ratio, in percent.
	evidence, advice string
}

// nodeBusy finds nodes without idle time: what is measured is who gets it.
func nodeBusy(d *data) []v1alpha1.Finding {
	return nodeRule{
		bound:    nodeSaturated,
		of:       func(n v1alpha1.NodeUsage, _ []v1alpha1.ContainerUsage) (float64, bool) { return nodeShare(n) },
		evidence: "node %s was busy for up to %.0f %% of its CPU time",
		advice:   "Use a larger or quieter node, or a lower rate: latencies include waiting for a processor.",
	}.find(d)
}

// pressure finds nodes on which tasks waited for a processor, although it may
// not have been busy throughout.
func pressure(d *data) []v1alpha1.Finding {
	return nodeRule{
		bound: pressureRatio,
		of: func(n v1alpha1.NodeUsage, _ []v1alpha1.ContainerUsage) (float64, bool) {
			if n.CPUPressureRatio == nil {
				return 0, false
			}
			return *n.CPUPressureRatio, true
		},
		evidence: "on node %s some task waited for a processor in up to %.0f %% of the time",
		advice:   "Look for what else runs there, and for CPU limits: latencies include waiting for a processor.",
	}.find(d)
}

// steal finds virtual machines whose processors were given to others.
func steal(d *data) []v1alpha1.Finding {
	return nodeRule{
		bound: stealShare,
		of: func(n v1alpha1.NodeUsage, _ []v1alpha1.ContainerUsage) (float64, bool) {
			if n.StealSeconds == nil || n.CPUs == 0 || n.CoveredSeconds <= 0 {
				return 0, false
			}
			return *n.StealSeconds / n.CoveredSeconds / float64(n.CPUs), true
		},
		evidence: "the hypervisor of node %s took up to %.0f %% of its CPU time for others",
		advice:   "Run on machines that are not shared, or expect wide intervals: the node's time was not its own.",
	}.find(d)
}

// otherTenants finds nodes on which others used a share worth telling.
func otherTenants(d *data) []v1alpha1.Finding {
	return nodeRule{
		bound: tenantShare,
		of: func(n v1alpha1.NodeUsage, containers []v1alpha1.ContainerUsage) (float64, bool) {
			used := 0.0
			for _, u := range containers {
				if u.Node == n.Node && u.Side == v1alpha1.SideOther && u.CPUSeconds != nil && u.CoveredSeconds > 0 {
					used += *u.CPUSeconds / u.CoveredSeconds
				}
			}
			return used / float64(max(n.CPUs, 1)), n.CPUs > 0
		},
		evidence: "other tenants of node %s used up to %.0f %% of its CPU time",
		advice:   "Repeat when the nodes are quiet, or on nodes of their own: others' load is in these figures.",
	}.find(d)
}

// find tells of each machine once, with the worst of all trials and the arms
// that it befell.
func (rule nodeRule) find(d *data) []v1alpha1.Finding {
	type hit struct {
		name  string
		worst float64
		arms  map[string]bool
	}
	hits := map[string]*hit{}
	arms := map[string]bool{}
	for _, c := range d.loaded() {
		for _, r := range c.rounds {
			arms[c.arm.Name] = true
			containers, nodes := resource.Best(r.trial.Resources)
			for _, n := range nodes {
				v, ok := rule.of(n, containers)
				if !ok || v < rule.bound {
					continue
				}
				machine := cmp.Or(n.Machine, n.Node)
				if hits[machine] == nil {
					hits[machine] = &hit{name: n.Node, arms: map[string]bool{}}
				}
				hits[machine].worst = max(hits[machine].worst, v)
				hits[machine].arms[c.arm.Name] = true
			}
		}
	}
	var out []v1alpha1.Finding
	for _, machine := range slices.Sorted(maps.Keys(hits)) {
		h := hits[machine]
		f := v1alpha1.Finding{Severity: v1alpha1.SeverityWarn, Evidence: fmt.Sprintf(rule.evidence, h.name, h.worst*100),
			Advice: rule.advice}
		switch {
		case len(h.arms) == 1:
			f.Arm = slices.Collect(maps.Keys(h.arms))[0]
		case len(h.arms) < len(arms):
			f.Evidence += " (arms " + strings.Join(slices.Sorted(maps.Keys(h.arms)), ", ") + ")"
		}
		out = append(out, f)
	}
	return out
}
