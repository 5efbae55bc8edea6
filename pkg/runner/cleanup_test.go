package runner

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/plan"
)

// What cannot be removed in one arm is no reason to leave the others' objects.
func TestStuckArmDoesNotKeepTheOthers(t *testing.T) {
	inBubble(t, "a pod that does not end", func(t *testing.T) {
		f := newFake()
		f.stuck = "ns-base"
		outcome, err := newRunner(f, nil).Run(t.Context(), makePlan(t, 1, 1))
		if err != nil || outcome.Cleanup == nil || !strings.Contains(outcome.Cleanup.Error(), "arm base") {
			t.Errorf("error %v, clean-up %v; want one that names arm base", err, outcome.Cleanup)
		}
		for _, k := range f.left() {
			if strings.Contains(k, "ns-mesh") {
				t.Errorf("left behind: %s", k)
			}
		}
	})
}

// The control shares the baseline's namespace: its objects are counted once.
func TestSharedNamespaceIsCleanedOnce(t *testing.T) {
	inBubble(t, "baseline and control", func(t *testing.T) {
		f, p := newFake(), makePlan(t, 1, 1)
		p = plan.Make(plan.Input{RunID: "r1", Seed: 7, Experiments: p.Experiments, Image: p.Run.Image, Arms: []v1alpha1.Arm{
			{Name: "base", Namespace: "ns-base", Role: v1alpha1.RoleBaseline},
			{Name: "control", Namespace: "ns-base", Role: v1alpha1.RoleControl},
		}})
		var removed int
		outcome, err := newRunner(f, func(e Event) {
			if done, ok := e.(CleanedUp); ok {
				removed = done.Objects
			}
		}).Run(t.Context(), p)
		if want := 2 * 3; err != nil || outcome.Cleanup != nil || removed != want {
			t.Errorf("error %v, clean-up %v, %d objects removed, want owner, Service and target of each arm: %d", err, outcome.Cleanup, removed, want)
		}
	})
}

// `cleanup` in another terminal takes a run for dead that does not say that it
// is alive, also while its targets come up.
func TestRunIsAliveWhileItsTargetsComeUp(t *testing.T) {
	inBubble(t, "targets take 2 minutes", func(t *testing.T) {
		f := newFake()
		f.start = func(pod *corev1.Pod) {
			if !strings.HasSuffix(pod.Name, "target") {
				return
			}
			running := pod.Status.DeepCopy()
			pod.Status = corev1.PodStatus{Phase: corev1.PodPending}
			time.AfterFunc(2*time.Minute, func() {
				f.mu.Lock()
				defer f.mu.Unlock()
				ready := f.stored[key("pod", pod.Namespace, pod.Name)].(*corev1.Pod).DeepCopy()
				ready.Status = *running
				f.stored[key("pod", pod.Namespace, pod.Name)] = ready
				f.change()
			})
		}
		begun := time.Now()
		if _, err := newRunner(f, nil).Run(t.Context(), makePlan(t, 1, 1)); err != nil {
			t.Fatal(err)
		}
		for _, namespace := range []string{"ns-base", "ns-mesh"} {
			last := begun
			for _, at := range append(f.alive[namespace], time.Now()) {
				if silent := at.Sub(last); silent > heartbeat {
					t.Errorf("%s: nothing was heard of the run for %s", namespace, silent)
				}
				last = at
			}
		}
	})
}
