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

// Choosy is what a pod says of the nodes that it may go to.
type Choosy struct {
	Tolerations []corev1.Toleration
	// Selector are labels that a node must have.
	Selector map[string]string
}

// Choice is what a pod's specification says; its affinity is not looked at.
func Choice(pod *corev1.Pod) Choosy {
	return Choosy{Tolerations: pod.Spec.Tolerations, Selector: pod.Spec.NodeSelector}
}

// Free are the nodes that such pods may go to.
func Free(nodes []corev1.Node, pods []corev1.Pod, by Choosy) []Node {
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
		if by.takes(n) {
			all = append(all, Node{n.Name, less(n.Status.Allocatable, used[n.Name])})
		}
	}
	slices.SortFunc(all, func(a, b Node) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func (by Choosy) takes(n corev1.Node) bool {
	if n.Spec.Unschedulable || !isLinux(n) || isNoMachine(n) || len(by.keptOff(n)) > 0 || !by.selects(n) {
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

// isNoMachine reports whether a node stands for a service that runs each pod by
// itself. Such nodes are tainted, too; the labels are those of their own kubelets.
func isNoMachine(n corev1.Node) bool {
	return n.Labels["type"] == "virtual-kubelet" || n.Labels["eks.amazonaws.com/compute-type"] == "fargate"
}

func (by Choosy) selects(n corev1.Node) bool {
	for key, value := range by.Selector {
		if have, ok := n.Labels[key]; !ok || have != value {
			return false
		}
	}
	return true
}

// keptOff are the taints that such pods stay away from.
func (by Choosy) keptOff(n corev1.Node) []corev1.Taint {
	var all []corev1.Taint
	for _, t := range n.Spec.Taints {
		tolerated := slices.ContainsFunc(by.Tolerations,
			func(have corev1.Toleration) bool { return tolerates(have, t) })
		if t.Effect != corev1.TaintEffectPreferNoSchedule && !tolerated {
			all = append(all, t)
		}
	}
	return all
}

// tolerates is what Kubernetes says of a toleration and a taint.
func tolerates(have corev1.Toleration, t corev1.Taint) bool {
	switch {
	case have.Effect != "" && have.Effect != t.Effect, have.Key != "" && have.Key != t.Key:
		return false
	case have.Operator == corev1.TolerationOpExists:
		return true
	default:
		return have.Key != "" && have.Value == t.Value &&
			(have.Operator == "" || have.Operator == corev1.TolerationOpEqual)
	}
}

// Taint is one that keeps pods off nodes.
type Taint struct {
	corev1.Taint
	// Nodes is how many carry it.
	Nodes int
}

// String is as in "dedicated=mesh:NoSchedule (2 nodes)".
func (t Taint) String() string {
	nodes := "nodes"
	if t.Nodes == 1 {
		nodes = "node"
	}
	return fmt.Sprintf("%s (%d %s)", t.ToString(), t.Nodes, nodes)
}

// Taints are those that keep such pods off nodes, by name.
func Taints(nodes []corev1.Node, by Choosy) []Taint {
	counted := map[string]Taint{}
	for _, n := range nodes {
		for _, t := range by.keptOff(n) {
			have := counted[t.ToString()]
			counted[t.ToString()] = Taint{Taint: t, Nodes: have.Nodes + 1}
		}
	}
	var all []Taint
	for _, name := range slices.Sorted(maps.Keys(counted)) {
		all = append(all, counted[name])
	}
	return all
}

// Unfit says what else keeps such pods off nodes: their system, that they are no
// machines, or labels that they lack. Empty if nothing does.
func Unfit(nodes []corev1.Node, by Choosy) []string {
	counted := map[string]int{}
	for _, n := range nodes {
		switch {
		case n.Spec.Unschedulable:
			counted["cordoned"]++
		case !isLinux(n):
			counted["not "+corev1.LabelOSStable+"=linux"]++
		case isNoMachine(n):
			counted["virtual (virtual-kubelet, Fargate)"]++
		case !by.selects(n):
			counted["without the labels of spec.pods.nodeSelector"]++
		}
	}
	var all []string
	for _, why := range slices.Sorted(maps.Keys(counted)) {
		all = append(all, fmt.Sprintf("%d of %d %s", counted[why], len(nodes), why))
	}
	return all
}

// Fit finds a node for the targets and one for the load pods.
func Fit(p v1alpha1.Placement, targets, load corev1.ResourceList, nodes []Node) (pair [2]string, ok bool) {
	for _, a := range nodes {
		if p == v1alpha1.PlacementSameNode || p == v1alpha1.PlacementAny { // of which there are no targets
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
