package runner

import (
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
)

// twoClusters is a plan of two arms in namespaces of one name.
func twoClusters(t *testing.T) plan.Plan {
	t.Helper()
	p := makePlan(t, 2, 2)
	return plan.Make(plan.Input{
		RunID: "r1", Seed: 7, Experiments: p.Experiments, Image: p.Run.Image,
		Arms: []v1alpha1.Arm{
			{Name: "base", Namespace: "shop", Role: v1alpha1.RoleBaseline},
			{Name: "mesh", Namespace: "shop", Context: "there", Role: v1alpha1.RoleMeshed},
		},
	})
}

func TestEachArmRunsInItsOwnCluster(t *testing.T) {
	inBubble(t, "one namespace's name in two contexts", func(t *testing.T) {
		here, there := newFake(), newFake()
		var placed []*corev1.Pod
		for _, f := range []*fake{here, there} {
			f.start = func(p *corev1.Pod) { placed = append(placed, p.DeepCopy()) }
		}
		r := newRunner(here, nil)
		r.Others = map[string]Cluster{"there": there}
		outcome, err := r.Run(t.Context(), twoClusters(t))
		if err != nil || outcome.Cleanup != nil {
			t.Fatalf("error %v, clean-up %v", err, outcome.Cleanup)
		}
		if len(outcome.Trials) != 4 || len(outcome.Nodes) != 2 {
			t.Errorf("%d trials, nodes %v; want 4, and one node in each context", len(outcome.Trials), outcome.Nodes)
		}
		for _, f := range []*fake{here, there} {
			if left := f.left(); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			loads := 0
			for _, call := range f.calls {
				if strings.HasPrefix(call, "apply pod") && strings.Contains(call, "load") {
					loads++
				}
			}
			if loads != 4 {
				t.Errorf("%d load pods were made, want those of one arm: 4", loads)
			}
		}
		for _, p := range placed {
			if strings.Contains(p.Name, "target") && p.Spec.Affinity != nil {
				t.Errorf("target %s looks for another in a cluster that has none", p.Name)
			}
		}
	})
	inBubble(t, "a context without a cluster", func(t *testing.T) {
		f := newFake()
		if _, err := newRunner(f, nil).Run(t.Context(), twoClusters(t)); err == nil || len(f.calls) > 0 {
			t.Errorf("error %v, calls %v; want an error before any call", err, f.calls)
		}
	})
}

func TestResumeLooksIntoEveryCluster(t *testing.T) {
	inBubble(t, "a run that died", func(t *testing.T) {
		here, there := newFake(), newFake()
		p := twoClusters(t)
		first := newRunner(here, nil)
		first.Others, first.Keep = map[string]Cluster{"there": there}, true
		before, err := first.Run(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		again := newRunner(here, nil)
		again.Others, again.Resumed = map[string]Cluster{"there": there}, true
		// Its journal lost what the second cluster measured, whose pods are there.
		again.Done = slices.DeleteFunc(slices.Clone(before.Trials), func(x v1alpha1.Trial) bool { return x.Arm == "mesh" })
		outcome, err := again.Run(t.Context(), p)
		if err != nil || len(outcome.Trials) != 4 {
			t.Errorf("error %v, %d trials, want 4", err, len(outcome.Trials))
		}
		if left := append(here.left(), there.left()...); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
		applied := 0
		for _, call := range there.calls {
			if strings.HasPrefix(call, "apply pod") && strings.Contains(call, "load") {
				applied++
			}
		}
		if applied != 4 {
			t.Errorf("load pods were made %d times, want none again: 4", applied)
		}
	})
}
