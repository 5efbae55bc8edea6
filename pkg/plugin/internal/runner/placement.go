package runner

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// place says where a trial's load pods go. The nodes of the targets are known by
// then, and pods that carry the targets' labels on other nodes must neither keep
// load pods away nor draw them there. Off the targets' node a pod goes by labels
// still while its node may have to come first: autoscalers that make nodes on
// demand take no pod that names nodes (Karpenter ignores it,
// https://github.com/aws/karpenter-provider-aws/issues/6844).
func (x *run) place(ctx context.Context, t plan.Trial, spec *workload.Load) {
	own, all := x.targetNodes(t.Arm)
	at := spotOf(t)
	pin := x.nodes[at]
	if t.Level.Placement == v1alpha1.PlacementAny { // the load of all arms on one node is fair
		if spec.Node == "" {
			spec.Node = pin
		}
		return
	}
	if spec.Node == "" && pin != "" && own != "" && fits(t.Level.Placement, pin, own, all) {
		spec.Node = pin
	}
	spec.TargetNode = own
	crosses := t.Level.Placement == v1alpha1.PlacementCrossNode
	if crosses && (spec.Node != "" || x.stranger(ctx, t) != "") {
		spec.OffNodes = all
	}
}

// fits reports whether load pods may stay on a node: a target may have been
// replaced on another since.
func fits(p v1alpha1.Placement, node, own string, all []string) bool {
	switch p {
	case v1alpha1.PlacementSameNode:
		return node == own
	case v1alpha1.PlacementCrossNode:
		return !slices.Contains(all, node)
	default:
		return true
	}
}

// targetNodes are the node of an arm's target, and those of all targets in its
// cluster; none if one of them is not known.
func (x *run) targetNodes(arm v1alpha1.Arm) (own string, all []string) {
	for _, other := range x.outcome.Arms {
		if other.Context != arm.Context {
			continue
		}
		if other.Target == nil || other.Target.Node == "" {
			return "", nil
		}
		if other.Name == arm.Name {
			own = other.Target.Node
		}
		if !slices.Contains(all, other.Target.Node) {
			all = append(all, other.Target.Node)
		}
	}
	return own, all
}

// stranger is a pod that carries the run's label in one of its namespaces, and that
// the run did not make; empty if there is none, or none can be seen.
func (x *run) stranger(ctx context.Context, t plan.Trial) string {
	for i, arm := range x.plan.Arms {
		if arm.Context != t.Arm.Context || x.sharesNamespace(i) {
			continue
		}
		objects, err := x.on(arm).Leftovers(ctx, arm.Namespace, x.plan.Run.ID)
		if err != nil {
			return ""
		}
		made := func(o kube.Object) bool {
			_, ours := x.asked[o.Namespace+"/"+o.Name]
			return o.Kind != "pod" || ours
		}
		if at := slices.IndexFunc(objects, func(o kube.Object) bool { return !made(o) }); at >= 0 {
			return objects[at].String()
		}
	}
	return ""
}

// unplaced is the error of a trial whose load pods no node took. If they went by
// labels, and somebody wears those of the targets by now, that may be why: the
// next attempt goes by nodes.
func (x *run) unplaced(ctx context.Context, t plan.Trial, pods []*corev1.Pod, err error) error {
	byLabels := func(p *corev1.Pod) bool { return p.Spec.Affinity != nil && p.Spec.Affinity.PodAntiAffinity != nil }
	if slices.ContainsFunc(pods, byLabels) {
		if who := x.stranger(ctx, t); who != "" {
			return fmt.Errorf("%s carries the label of this run, but is none of its pods, "+
				"and may keep load pods from its node: %w", who, err)
		}
	}
	return &UnplacedError{Arm: t.Arm, Placement: t.Level.Placement, Node: t.Node, Err: err}
}
