package capacity

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Node is a node that takes pods, and what it has left.
type Node struct {
	Name string
	Left corev1.ResourceList
}

// Free are the nodes that pods without tolerations may go to.
func Free(nodes []corev1.Node, pods []corev1.Pod) []Node {
	used := map[string]corev1.ResourceList{}
	for i := range pods {
		p := &pods[i]
		if p.Spec.NodeName == "" || p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed {
			continue
		}
		took := sum(Of(p).Requests,
			corev1.ResourceList{corev1.ResourcePods: *resource.NewQuantity(1, resource.DecimalSI)})
		used[p.Spec.NodeName] = sum(used[p.Spec.NodeName], took)
	}
	var all []Node
	for _, n := range nodes {
		if takesPods(n) {
			all = append(all, Node{n.Name, less(n.Status.Allocatable, used[n.Name])})
		}
	}
	slices.SortFunc(all, func(a, b Node) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func takesPods(n corev1.Node) bool {
	if n.Spec.Unschedulable || !isLinux(n) || len(keepingOff(n)) > 0 {
		return false
	}
	for _, c := range n.Status.Conditions {
		if c.Type == corev1.NodeReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// isLinux reports whether the worker's image runs there. A node that does not
// say is none that our pods' selector matches.
func isLinux(n corev1.Node) bool { return n.Labels[corev1.LabelOSStable] == string(corev1.Linux) }

// keepingOff are the taints that pods without tolerations stay away from.
func keepingOff(n corev1.Node) []corev1.Taint {
	var all []corev1.Taint
	for _, t := range n.Spec.Taints {
		if t.Effect != corev1.TaintEffectPreferNoSchedule {
			all = append(all, t)
		}
	}
	return all
}

// Taints are those that keep pods without tolerations off nodes, each with how
// many nodes carry it, as in "dedicated=mesh:NoSchedule (2 nodes)".
func Taints(nodes []corev1.Node) []string {
	counted := map[string]int{}
	for _, n := range nodes {
		for _, t := range keepingOff(n) {
			counted[t.ToString()]++
		}
	}
	var all []string
	for _, taint := range slices.Sorted(maps.Keys(counted)) {
		nodes := "nodes"
		if counted[taint] == 1 {
			nodes = "node"
		}
		all = append(all, fmt.Sprintf("%s (%d %s)", taint, counted[taint], nodes))
	}
	return all
}

// Fit finds a node for the targets and one for the load pods.
func Fit(p v1alpha1.Placement, targets, load corev1.ResourceList, nodes []Node) (pair [2]string, ok bool) {
	for _, a := range nodes {
		if p == v1alpha1.PlacementSameNode {
			if fits(sum(targets, load), a.Left) {
				return [2]string{a.Name, a.Name}, true
			}
			continue
		}
		for _, b := range nodes {
			if a.Name != b.Name && fits(targets, a.Left) && fits(load, b.Left) {
				return [2]string{a.Name, b.Name}, true
			}
		}
	}
	return pair, false
}

// Lacking names the resources of which no node has enough, each looked at alone.
func Lacking(p v1alpha1.Placement, targets, load corev1.ResourceList, nodes []Node) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(sum(targets, load))) {
		one := func(r corev1.ResourceList) corev1.ResourceList { return corev1.ResourceList{name: r[name]} }
		if _, ok := Fit(p, one(targets), one(load), nodes); !ok {
			names = append(names, string(name))
		}
	}
	return names
}
