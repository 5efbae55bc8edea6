package preflight

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/arms"
	"github.com/meshbench/kubectl-meshbench/pkg/core/capacity"
	"github.com/meshbench/kubectl-meshbench/pkg/core/command"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
)

// room asks whether the nodes of one cluster can take the pods as they are
// placed: all targets of a cluster on one node, and the load pods of a trial
// on that node or on one other.
func (c *checker) room(in string) Check {
	description := "nodes have room for targets and load pods"
	if in != "" {
		description += " in context " + in
	}
	return Check{Category: CategoryNodes, Description: description, Ask: func(ctx context.Context) Result {
		here := arms.In(c.arms, in)
		if len(here) == 0 {
			return holds("no arm is there")
		}
		reader, err := c.In(in)
		if err != nil {
			return unknown(err.Error(), "")
		}
		nodes, err := reader.Nodes(ctx)
		if err != nil {
			return unknown(err.Error(), grants(kube.Permission{Verb: "list", Resource: "nodes"}))
		}
		pods, err := reader.ScheduledPods(ctx)
		if err != nil {
			return unknown(err.Error(), grants(kube.Permission{Verb: "list", Resource: "pods"}))
		}
		need, err := c.together(here)
		if err != nil {
			return unknown(err.Error(), "")
		}
		by := capacity.Choice(need.pod)
		result := c.placed(need, capacity.Free(nodes, pods, by))
		if result.Answer == Broken {
			result = onDemand(explained(result, nodes, by), nodes)
		}
		return result
	}}
}

// explained adds what keeps our pods off nodes, each with what lets them on.
func explained(r Result, nodes []corev1.Node, by capacity.Choosy) Result {
	if unfit := capacity.Unfit(nodes, by); len(unfit) > 0 {
		r.Evidence += "; nodes that our pods may not go to: " + strings.Join(unfit, ", ")
	}
	var names, flags []string
	for _, t := range capacity.Taints(nodes, by) {
		names = append(names, t.String())
		if !strings.HasPrefix(t.Key, "node.kubernetes.io/") { // a condition of the node, nobody's wish
			flags = append(flags, "--toleration "+command.Quoted(t.ToString()))
		}
	}
	if len(names) > 0 {
		r.Evidence += "; taints keep our pods off: " + strings.Join(names, ", ")
	}
	if len(flags) > 0 {
		r.Fix += "; pods go to tainted nodes with " + strings.Join(flags, " or ")
	}
	return r
}

// onDemand tells no more than that there is no room now, where nodes are made for
// pods that wait.
func onDemand(r Result, nodes []corev1.Node) Result {
	by := capacity.OnDemand(nodes)
	if by == "" {
		return r
	}
	return unknown(fmt.Sprintf("there is no room now, and nodes come on demand here (%s): %s", by, r.Evidence),
		"a run waits for a node that is on its way, as long as --scale-up-timeout says; if none comes, "+r.Fix)
}

func (c *checker) placed(need asked, nodes []capacity.Node) Result {
	targets, load := need.target, need.load
	var found []string
	for _, placement := range c.placements() {
		pair, ok := capacity.Fit(placement, targets.Requests, load.Requests, nodes)
		if !ok {
			fix := "make room on a node, or lower spec.load and spec.target in the experiment"
			if placement == v1alpha1.PlacementCrossNode {
				fix += ", or use --placement " + string(v1alpha1.PlacementSameNode)
			}
			return broken(fmt.Sprintf("placement %s: no node for targets of %s with another for load pods of %s; %sleft: %s",
				placement, words(targets.Requests), words(load.Requests), short(placement, targets, load, nodes),
				leftOn(nodes, targets.Plus(load, 1).Requests)), fix)
		}
		found = append(found, fmt.Sprintf("placement %s: targets (%s) fit on %s, load pods (%s) on %s", placement,
			words(targets.Requests), pair[0], words(load.Requests), pair[1]))
	}
	return holds("%s", strings.Join(found, "; "))
}

func (c *checker) placements() []v1alpha1.Placement {
	var all []v1alpha1.Placement
	for _, e := range c.Experiments {
		for _, l := range experiment.Levels(e) {
			if !slices.Contains(all, l.Placement) {
				all = append(all, l.Placement)
			}
		}
	}
	return all
}

// words are the amounts of a list: CPU and memory, and whatever else is asked for.
func words(r corev1.ResourceList) string { return amounts(r, r) }

// amounts are those of a list that another one asks for.
func amounts(r, asked corev1.ResourceList) string {
	cpu, memory := r[corev1.ResourceCPU], r[corev1.ResourceMemory]
	text := fmt.Sprintf("CPU %s, memory %s", cpu.String(), memory.String())
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		if name != corev1.ResourceCPU && name != corev1.ResourceMemory {
			other := r[name]
			text += fmt.Sprintf(", %s %s", name, other.String())
		}
	}
	return text
}

// short names what no node has enough of: of all that is asked for that is the
// one thing to look at. Empty where each fits somewhere, and they do not together.
func short(p v1alpha1.Placement, targets, load capacity.Demand, nodes []capacity.Node) string {
	lacking := capacity.Lacking(p, targets.Requests, load.Requests, nodes)
	if len(lacking) == 0 || len(nodes) == 0 {
		return ""
	}
	return "short: " + strings.Join(lacking, ", ") + "; "
}

func leftOn(nodes []capacity.Node, asked corev1.ResourceList) string {
	if len(nodes) == 0 {
		return "no node takes pods"
	}
	const shown = 5
	var parts []string
	for i, n := range nodes {
		if i == shown {
			parts = append(parts, count(len(nodes)-shown, "more node"))
			break
		}
		parts = append(parts, fmt.Sprintf("%s has %s", n.Name, amounts(n.Left, asked)))
	}
	return strings.Join(parts, ", ")
}
