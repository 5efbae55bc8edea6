package runner

import (
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// schedule gives a fake a scheduler of three nodes: targets are on node-1, and
// somebody else's pod with their labels on every other, once it is there.
func schedule(f *fake, there func() bool) {
	f.start = func(pod *corev1.Pod) {
		if !strings.Contains(pod.Name, "load") {
			return
		}
		nodes := []string{"node-1", "node-2", "node-3"}
		keep := func(holds func(node string) bool) {
			nodes = slices.DeleteFunc(nodes, func(n string) bool { return !holds(n) })
		}
		targets := func(node string) bool { return node == "node-1" || there() }
		if a := pod.Spec.Affinity; a != nil {
			if a.PodAntiAffinity != nil {
				keep(func(node string) bool { return !targets(node) })
			}
			if a.PodAffinity != nil {
				keep(targets)
				slices.Reverse(nodes) // where it is drawn to
			}
			if a.NodeAffinity != nil {
				for _, r := range a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms[0].MatchFields {
					keep(func(node string) bool { return (r.Values[0] == node) == (r.Operator == corev1.NodeSelectorOpIn) })
				}
			}
		}
		if len(nodes) > 0 {
			pod.Spec.NodeName = nodes[0]
			return
		}
		pod.Spec.NodeName = ""
		pod.Status = corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{{
			Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable,
			Message: "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.",
		}}}
	}
}

func impersonate(f *fake) {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ns-mesh", Name: "somebodys", UID: "x",
		Labels: map[string]string{v1alpha1.LabelRunID: "r1"}}}
	f.stored[key("pod", pod.Namespace, pod.Name)] = pod
}

// A pod with the labels of the targets, on every other node, neither keeps load
// pods from being placed nor draws them to where no target is.
func TestStrangersDoNotPlaceLoadPods(t *testing.T) {
	for name, c := range map[string]struct {
		placement v1alpha1.Placement
		late      bool // it comes when the first load pod is to be placed
		node      string
		trials    int
	}{
		"from the beginning": {placement: v1alpha1.PlacementCrossNode, node: "node-2", trials: 4},
		"later":              {placement: v1alpha1.PlacementCrossNode, late: true, node: "node-2", trials: 5},
		"beside the target":  {placement: v1alpha1.PlacementSameNode, node: "node-1", trials: 4},
	} {
		inBubble(t, name, func(t *testing.T) {
			f := newFake()
			there := !c.late
			if there {
				impersonate(f)
			}
			schedule(f, func() bool { return there })
			place := f.start
			f.start = func(pod *corev1.Pod) {
				if strings.Contains(pod.Name, "load") && !there {
					there = true
					f.mu.Lock()
					impersonate(f)
					f.mu.Unlock()
				}
				place(pod)
			}
			p := makePlan(t, 2, 1)
			for i := range p.Trials {
				p.Trials[i].Level.Placement = c.placement
			}
			outcome, err := newRunner(f, nil).Run(t.Context(), p)
			if err != nil || len(outcome.Trials) != c.trials {
				t.Fatalf("error %v, %d trials, want %d", err, len(outcome.Trials), c.trials)
			}
			for i, trial := range outcome.Trials {
				if void := c.late && i == 0; void {
					if trial.Status != v1alpha1.TrialVoid || !strings.Contains(trial.Reason, "pod/somebodys in ns-mesh") {
						t.Errorf("the first trial does not name who keeps it away: %s %q", trial.Status, trial.Reason)
					}
				} else if trial.Status != v1alpha1.TrialCompleted || trial.Pods[0].Node != c.node {
					t.Errorf("trial %s is %s (%s) on %+v, want node %s", trial.ID, trial.Status, trial.Reason, trial.Pods, c.node)
				}
			}
		})
	}
}

// A load pod leaves the node that it was pinned to once a target is there.
func TestLoadPodsLeaveANodeThatATargetGot(t *testing.T) {
	for _, c := range []struct {
		placement v1alpha1.Placement
		node      string
		fits      bool
	}{
		{v1alpha1.PlacementCrossNode, "node-1", false},
		{v1alpha1.PlacementCrossNode, "node-2", false}, // another arm's target is there
		{v1alpha1.PlacementCrossNode, "node-3", true},
		{v1alpha1.PlacementSameNode, "node-1", true},
		{v1alpha1.PlacementSameNode, "node-2", false},
		{"any", "node-1", true},
	} {
		if got := fits(c.placement, c.node, "node-1", []string{"node-1", "node-2"}); got != c.fits {
			t.Errorf("placement %s on %s fits: %v, want %v", c.placement, c.node, got, c.fits)
		}
	}
}
