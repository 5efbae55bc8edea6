package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
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
			t.Errorf("error %v, clean-up %v, %d objects removed, want owner, Service and target of each arm: %d", err,
				outcome.Cleanup, removed, want)
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

// Whatever ends a run, and at whichever of its creations: nothing of it is left,
// nothing else is touched, and what it had measured can be gone on with.
func TestEveryStepMayBeTheLast(t *testing.T) {
	const creations = 14 // of 2 arms and 4 rounds
	for what, test := range map[string]func(f *fake, step int, interrupt func()){
		"interrupt before": func(f *fake, step int, interrupt func()) {
			f.refuse = nth(step, func() error { interrupt(); return nil })
		},
		"interrupt after": func(f *fake, step int, interrupt func()) {
			f.lose = nth(step, func() error { interrupt(); return nil })
		},
		"error": func(f *fake, step int,
			_ func()) {
			f.refuse = nth(step, func() error { return errors.New("broken") })
		},
		"lost answer": func(f *fake, step int, _ func()) { f.lose = nth(step, func() error { return errors.New("broken") }) },
		"refusal": func(f *fake, step int, _ func()) {
			f.refuse = nth(step, func() error { return apierrors.NewForbidden(schema.GroupResource{}, "x", errors.New("no")) })
		},
	} {
		for step := 1; step <= creations; step++ {
			inBubble(t, fmt.Sprintf("%s %d", what, step), func(t *testing.T) {
				f, p := newFake(), makePlan(t, 4, 1)
				before := others(f)
				ctx, interrupt := context.WithCancel(t.Context())
				defer interrupt()
				test(f, step, interrupt)
				outcome, err := newRunner(f, nil).Run(ctx, p)
				if outcome.Cleanup != nil || !slices.Equal(f.left(), before) {
					t.Errorf("clean-up %v, there is %v, want %v", outcome.Cleanup, f.left(), before)
				}
				if err == nil && !outcome.Interrupted && ctx.Err() == nil && completed(outcome) != len(p.Trials) {
					t.Errorf("%d of %d trials, and no reason", completed(outcome), len(p.Trials))
				}
				f.refuse, f.lose = newFake().refuse, newFake().lose
				r := newRunner(f, nil)
				r.Resumed, r.Done = true, outcome.Trials
				again, err := r.Run(t.Context(), p)
				if err != nil || completed(again) != len(p.Trials) || !slices.Equal(f.left(), before) {
					t.Errorf("gone on with: error %v, %d of %d trials, there is %v", err, completed(again), len(p.Trials), f.left())
				}
			})
		}
	}
}

// A load pod that is there although its creation failed must not run beside the
// next trial.
func TestLoadPodOfALostAnswerIsRemovedAtOnce(t *testing.T) {
	inBubble(t, "lost answer", func(t *testing.T) {
		f := newFake()
		f.lose = func(_ string, o metav1.Object) error {
			if strings.HasSuffix(o.GetName(), "load-1-0") {
				return errors.New("broken")
			}
			return nil
		}
		f.refuse = func(_ string, o metav1.Object) error {
			if strings.HasSuffix(o.GetName(), "load-2-0") && f.stored[key("pod", "ns-mesh", "meshbench-r1-load-1-0")] != nil {
				t.Errorf("load pod 1 is still there beside load pod 2")
			}
			return nil
		}
		if _, err := newRunner(f, nil).Run(t.Context(), makePlan(t, 1, 1)); err != nil {
			t.Error(err)
		}
	})
}

// nth calls act at the nth creation.
func nth(n int, act func() error) func(string, metav1.Object) error {
	return func(string, metav1.Object) error {
		if n--; n == 0 {
			return act()
		}
		return nil
	}
}

// completed counts the planned trials that have a result; twice if one has two.
func completed(o Outcome) int {
	n := 0
	for _, t := range o.Trials {
		if t.Status == v1alpha1.TrialCompleted {
			n++
		}
	}
	return n
}
