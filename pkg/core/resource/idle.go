package resource

import (
	"fmt"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Idle is what containers and nodes used without load, as it is taken off the
// use of one round. The zero value takes nothing off.
type Idle struct {
	nodes      map[string]resting
	containers map[string]resting
	// tenants are the figures of other tenants.
	tenants []v1alpha1.ContainerUsage
}

// resting is the use of one thing without load, in cores.
type resting struct {
	cores float64
	// shared is set if the figure is not of the window before this round: its
	// error is the same in every round that shares it.
	shared bool
	// full is set if a node had no processor time left in it.
	full bool
}

const (
	// noneLeft is the share of a node from which on it has no CPU time left: what
	// it would have used beyond that cannot be seen.
	noneLeft = 0.95
	// squeezed is the share of a node that others need without load, from which on
	// their part of a full node cannot be told.
	squeezed = 0.02
)

// IdleWindows are a report's windows without load, if they are of all arms: only
// the run's own cluster is measured then, and what is taken off one arm's costs
// alone would be a difference between the arms. Nodes of two clusters may even
// share a name.
func IdleWindows(r v1alpha1.Report) []v1alpha1.IdleWindow {
	if r.Idle == nil || slices.ContainsFunc(r.Arms, func(a v1alpha1.Arm) bool { return a.Context != "" }) {
		return nil
	}
	return append([]v1alpha1.IdleWindow{*r.Idle}, r.IdleWindows...)
}

// IdleOf is what is taken off the use of a trial of a report.
func IdleOf(r v1alpha1.Report, t v1alpha1.Trial) Idle {
	return IdleBefore(IdleWindows(r), t.Experiment, t.Round)
}

// IdleBefore puts together what is known of a round's idle use: the window
// before that round of that experiment, so that its error is one of this round
// alone and shows in the differences between rounds. What that window does not
// tell is the mean of all windows that do.
func IdleBefore(windows []v1alpha1.IdleWindow, experiment string, round int) Idle {
	out := Idle{nodes: map[string]resting{}, containers: map[string]resting{}}
	counts := map[string]int{}
	mean := func(into map[string]resting, kind, name string, total *float64, covered float64, full bool) {
		v := perSecond(total, covered)
		if v == nil {
			return
		}
		counts[kind+name]++
		had := into[name]
		into[name] = resting{cores: had.cores + (*v-had.cores)/float64(counts[kind+name]), shared: true,
			full: had.full || full}
	}
	var own *v1alpha1.IdleWindow
	for i, w := range windows {
		if w.Experiment == experiment && w.Round == round {
			own = &windows[i]
		}
		for _, n := range bestNodes(w.Resources.Nodes) {
			mean(out.nodes, "node ", n.Node, n.CPUSeconds, n.CoveredSeconds, isFull(n))
		}
		for _, c := range bestContainers(w.Resources.Containers) {
			mean(out.containers, "container ", identity(c), c.CPUSeconds, c.CoveredSeconds, false)
		}
		if out.tenants == nil {
			out.tenants = tenants(w)
		}
	}
	if own == nil {
		return out
	}
	for _, n := range bestNodes(own.Resources.Nodes) {
		if v := perSecond(n.CPUSeconds, n.CoveredSeconds); v != nil {
			out.nodes[n.Node] = resting{cores: *v, full: isFull(n)}
		}
	}
	for _, c := range bestContainers(own.Resources.Containers) {
		if v := perSecond(c.CPUSeconds, c.CoveredSeconds); v != nil {
			out.containers[identity(c)] = resting{cores: *v}
		}
	}
	if of := tenants(*own); of != nil {
		out.tenants = of
	}
	return out
}

func tenants(w v1alpha1.IdleWindow) []v1alpha1.ContainerUsage {
	var out []v1alpha1.ContainerUsage
	for _, c := range bestContainers(w.Resources.Containers) {
		if c.Side == v1alpha1.SideOther {
			out = append(out, c)
		}
	}
	return out
}

// Known reports whether anything is taken off a node's use.
func (i Idle) Known(node string) bool { _, ok := i.nodes[node]; return ok }

// busyShare is the part of a node's processors that was used.
func busyShare(n v1alpha1.NodeUsage) float64 {
	if v := perSecond(n.CPUSeconds, n.CoveredSeconds); v != nil && n.CPUs > 0 {
		return *v / float64(n.CPUs)
	}
	return 0
}

func isFull(n v1alpha1.NodeUsage) bool { return busyShare(n) >= noneLeft }

// unseparable says why a node's use cannot be split into what was there before
// and what came with the load.
func (i Idle) unseparable(n v1alpha1.NodeUsage) string {
	rest, ok := i.nodes[n.Node]
	switch {
	case !ok:
		return "" // nothing is taken off
	case rest.full:
		return fmt.Sprintf("node %s had no idle CPU left in the window without load", n.Node)
	case isFull(n) && rest.cores >= squeezed*float64(n.CPUs):
		return fmt.Sprintf("node %s had no idle CPU left: how much of its other use (%.0f %% without load) was still"+
			" there cannot be told", n.Node, 100*rest.cores/float64(n.CPUs))
	}
	return ""
}
