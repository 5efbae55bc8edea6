package analyse

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
)

const (
	codeIdleUnknown = "idle-unknown"
	codeIdleBusy    = "idle-busy"
)

// idleUnknown finds nodes that were not measured in the window without load: in
// the costs of others that is taken off, in theirs it is not.
func idleUnknown(d *data) []v1alpha1.Finding {
	if d.report.Idle == nil {
		return nil
	}
	if resource.IdleWindows(d.report) == nil {
		return []v1alpha1.Finding{{
			Severity: v1alpha1.SeverityWarn,
			Evidence: fmt.Sprintf("without load only cluster %s was measured: what its nodes use anyway is taken off no "+
				"arm's costs", d.report.Cluster.Context),
			Advice: "Compare costs within one cluster, or leave the window out: --idle 0.",
		}}
	}
	unknown := map[string]bool{}
	for _, c := range d.loaded() {
		for _, r := range c.rounds {
			idle := resource.IdleOf(d.report, r.trial)
			_, nodes := resource.Counted(r.trial.Resources)
			for _, n := range nodes {
				if n.CPUSeconds != nil && !idle.Known(n.Node) {
					unknown[n.Node] = true
				}
			}
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return []v1alpha1.Finding{{
		Severity: v1alpha1.SeverityWarn,
		Evidence: fmt.Sprintf("the window without load has no figure of %s: what it uses anyway is not taken off the "+
			"total cost", strings.Join(slices.Sorted(maps.Keys(unknown)), ", ")),
		Advice: "Trust differences of costs more than ratios, or lengthen the window: --idle. In clusters of more " +
			"than ten nodes, pin the load pods to the targets' nodes or leave it out: --idle 0.",
	}}
}

// idleBusy finds a window without load in which the nodes used more than in a
// trial: a cost below 0 says how much their other use varies, not what requests cost.
func idleBusy(d *data) []v1alpha1.Finding {
	if resource.IdleWindows(d.report) == nil {
		return nil
	}
	var all, below int
	for _, c := range d.loaded() {
		for _, r := range c.rounds {
			if total := resource.Of(r.trial.Resources,
				resource.IdleOf(d.report, r.trial)).Cores[v1alpha1.CostTotal]; total.Value != nil {
				all++
				if *total.Value < 0 {
					below++
				}
			}
		}
	}
	if below == 0 {
		return nil
	}
	return []v1alpha1.Finding{{
		Severity: v1alpha1.SeverityWarn,
		Evidence: fmt.Sprintf("in %d of %s the nodes used less than in the window without load, so that a total cost "+
			"is below 0", below, words.Count(all, "trial", "trials")),
		Advice: "Do not read total costs of small loads: lengthen the window (--idle), wait until the nodes are " +
			"quiet, raise the load, or leave the window out (--idle 0).",
	}}
}
