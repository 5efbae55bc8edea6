package runner

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
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
		r.Done = []v1alpha1.Trial{done(0, v1alpha1.TrialCompleted), done(1, v1alpha1.TrialVoid),
			done(2, v1alpha1.TrialCompleted)}
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
				stored, err := f.ApplyPod(t.Context(), o.Targets[0])
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

// The control shares the baseline's namespace, whose pods are looked at once.
func TestResumeHarvestsBesideAControl(t *testing.T) {
	inBubble(t, "resume", func(t *testing.T) {
		p := makePlan(t, 2, 1)
		p = plan.Make(plan.Input{RunID: "r1", Seed: 7, Experiments: p.Experiments, Image: p.Run.Image, Arms: []v1alpha1.Arm{
			{Name: "base", Namespace: "ns-base", Role: v1alpha1.RoleBaseline},
			{Name: "control", Namespace: "ns-base", Role: v1alpha1.RoleControl},
		}})
		f := newFake()
		before := newRunner(f, nil)
		before.Keep = true // a plugin that dies removes nothing
		if _, err := before.Run(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		var begun []string
		after := newRunner(f, func(e Event) {
			if started, ok := e.(TrialStarted); ok {
				begun = append(begun, started.Trial.ID(started.Attempt))
			}
		})
		after.Resumed = true
		resumed, err := after.Run(t.Context(), p)
		if err != nil || resumed.Cleanup != nil || len(resumed.Trials) != len(p.Trials) || len(begun) > 0 {
			t.Errorf("error %v, clean-up %v, %d trials of %d, ran %v again", err, resumed.Cleanup, len(resumed.Trials),
				len(p.Trials), begun)
		}
	})
}
