package runner

import (
	"testing"

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
