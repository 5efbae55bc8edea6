package runner

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// A run that is taken up again does what is missing, and nothing twice.
func TestResumeRunsOnlyWhatIsMissing(t *testing.T) {
	inBubble(t, "resume", func(t *testing.T) {
		p := makePlan(t, 4, 1)
		done := func(i int, status v1alpha1.TrialStatus) v1alpha1.Trial {
			trial := newResult(p.Trials[i], 1)
			trial.Status = status
			return trial
		}
		f := newFake()
		r := newRunner(f, nil)
		r.Resumed = true
		r.Done = []v1alpha1.Trial{done(0, v1alpha1.TrialCompleted), done(1, v1alpha1.TrialVoid), done(2, v1alpha1.TrialCompleted)}
		outcome, err := r.Run(t.Context(), p)
		if err != nil || outcome.Cleanup != nil {
			t.Fatal(err, outcome.Cleanup)
		}
		completed := map[string]int{}
		for _, trial := range outcome.Trials {
			if trial.Status == v1alpha1.TrialCompleted {
				completed[trial.ID]++
			}
		}
		for i, planned := range p.Trials {
			id := planned.ID(1)
			if i == 1 {
				id = planned.ID(2) // the first attempt is void
			}
			if completed[id] != 1 {
				t.Errorf("trial %d, %s, completed %d times, want once", i, id, completed[id])
			}
		}
		if len(outcome.Trials) != 9 {
			t.Errorf("%d trials, want 8 completed and 1 void", len(outcome.Trials))
		}
		if left := f.left(); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

// The targets of a run whose plugin died may be as it left them, or be over.
func TestResumeFindsTheTargetsOfBefore(t *testing.T) {
	for name, change := range map[string]func(*corev1.Pod){
		"running": func(*corev1.Pod) {},
		"ended":   func(p *corev1.Pod) { p.Status = corev1.PodStatus{Phase: corev1.PodFailed, Reason: "DeadlineExceeded"} },
	} {
		inBubble(t, name, func(t *testing.T) {
			f, p := newFake(), makePlan(t, 1, 1)
			for _, o := range p.Objects {
				stored, err := f.ApplyPod(t.Context(), o.Target)
				if err != nil {
					t.Fatal(err)
				}
				change(stored)
				f.stored[key("pod", stored.Namespace, stored.Name)] = stored
			}
			r := newRunner(f, nil)
			r.Resumed = true
			outcome, err := r.Run(t.Context(), p)
			if err != nil || outcome.Cleanup != nil || len(outcome.Trials) != len(p.Trials) {
				t.Errorf("error %v, clean-up %v, %d trials, want %d", err, outcome.Cleanup, len(outcome.Trials), len(p.Trials))
			}
		})
	}
}
