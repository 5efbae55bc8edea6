package preflight

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/cluster"
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
		arms := c.in(in)
		if len(arms) == 0 {
			return holds("no arm is there")
		}
		reader, err := c.In(in)
		if err != nil {
			return unknown(err.Error(), "")
		}
		nodes, err := reader.Nodes(ctx)
		if err != nil {
			return unknown(err.Error(), grants(cluster.Permission{Verb: "list", Resource: "nodes"}))
		}
		pods, err := reader.ScheduledPods(ctx)
		if err != nil {
			return unknown(err.Error(), grants(cluster.Permission{Verb: "list", Resource: "pods"}))
		}
		return c.placed(arms, freeNodes(nodes, pods))
	}}
}

// free is a node that takes pods, and what it has left.
type free struct {
	name string
	left corev1.ResourceList
}

// freeNodes are the nodes that pods without tolerations may go to.
func freeNodes(nodes []corev1.Node, pods []corev1.Pod) []free {
	used := map[string]corev1.ResourceList{}
	for i := range pods {
		p := &pods[i]
		if p.Spec.NodeName == "" || p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed {
			continue
		}
		took := sum(demandOf(p).requests,
			corev1.ResourceList{corev1.ResourcePods: *resource.NewQuantity(1, resource.DecimalSI)})
		used[p.Spec.NodeName] = sum(used[p.Spec.NodeName], took)
	}
	var all []free
	for _, n := range nodes {
		if takesPods(n) {
			all = append(all, free{n.Name, less(n.Status.Allocatable, used[n.Name])})
		}
	}
	slices.SortFunc(all, func(a, b free) int { return strings.Compare(a.name, b.name) })
	return all
}

func takesPods(n corev1.Node) bool {
	if n.Spec.Unschedulable {
		return false
	}
	for _, t := range n.Spec.Taints {
		if t.Effect != corev1.TaintEffectPreferNoSchedule {
			return false
		}
	}
	for _, c := range n.Status.Conditions {
		if c.Type == corev1.NodeReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

func (c *checker) placed(arms []v1alpha1.Arm, nodes []free) Result {
	targets, load, err := c.needsOn(arms)
	if err != nil {
		return unknown(err.Error(), "")
	}
	var found []string
	for _, placement := range c.placements() {
		pair, ok := fit(placement, targets, load, nodes)
		if !ok {
			fix := "make room on a node, or lower spec.load and spec.target in the experiment"
			if placement == v1alpha1.PlacementCrossNode {
				fix += ", or use --placement " + string(v1alpha1.PlacementSameNode)
			}
			return broken(fmt.Sprintf("placement %s: no node for targets of %s with another for load pods of %s; %sleft: %s",
				placement, words(targets), words(load), short(placement, targets, load, nodes), leftOn(nodes, sum(targets, load))),
				fix)
		}
		found = append(found,
			fmt.Sprintf("placement %s: targets (%s) fit on %s, load pods (%s) on %s", placement, words(targets), pair[0],
				words(load), pair[1]))
	}
	return holds("%s", strings.Join(found, "; "))
}

// needsOn is what all targets of a cluster ask for, and the most that the load
// pods of one trial do.
func (c *checker) needsOn(arms []v1alpha1.Arm) (targets, load corev1.ResourceList, err error) {
	for _, arm := range arms {
		ours, err := c.podsOf(arm)
		if err != nil {
			return nil, nil, err
		}
		if len(ours) == 0 {
			return nil, nil, fmt.Errorf("there is no plan for arm %s", arm.Name)
		}
		pods := c.accepted[arm.Name]
		if len(pods) < len(ours) {
			pods = ours
		}
		targets = sum(targets, demandOf(pods[0]).requests)
		for i, pod := range pods[1:] {
			load = most(load, scaled(demandOf(pod).requests, int64(mostClients(c.Experiments, i))))
		}
	}
	return targets, load, nil
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

// fit finds a node for the targets and one for the load pods.
func fit(p v1alpha1.Placement, targets, load corev1.ResourceList, nodes []free) (pair [2]string, ok bool) {
	for _, a := range nodes {
		if p == v1alpha1.PlacementSameNode {
			if fits(sum(targets, load), a.left) {
				return [2]string{a.name, a.name}, true
			}
			continue
		}
		for _, b := range nodes {
			if a.name != b.name && fits(targets, a.left) && fits(load, b.left) {
				return [2]string{a.name, b.name}, true
			}
		}
	}
	return pair, false
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
func short(p v1alpha1.Placement, targets, load corev1.ResourceList, nodes []free) string {
	var lacking []string
	all := sum(targets, load)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		one := func(r corev1.ResourceList) corev1.ResourceList { return corev1.ResourceList{name: r[name]} }
		if _, ok := fit(p, one(targets), one(load), nodes); !ok {
			lacking = append(lacking, string(name))
		}
	}
	if len(lacking) == 0 || len(nodes) == 0 {
		return ""
	}
	return "short: " + strings.Join(lacking, ", ") + "; "
}

func leftOn(nodes []free, asked corev1.ResourceList) string {
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
		parts = append(parts, fmt.Sprintf("%s has %s", n.name, amounts(n.left, asked)))
	}
	return strings.Join(parts, ", ")
}
