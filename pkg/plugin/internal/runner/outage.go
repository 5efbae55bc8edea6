package runner

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
)

// OutageError says that the API server was away for longer than a run waits. It
// is no fault of any trial: the run can go on later.
type OutageError struct{ Err error }

func (e *OutageError) Error() string {
	return fmt.Sprintf("the API server was away for too long: %v", e.Err)
}

func (e *OutageError) Unwrap() error { return e.Err }

// TargetLostError says that an arm's target went away and no other became ready.
type TargetLostError struct {
	Arm v1alpha1.Arm
	Err error
}

func (e *TargetLostError) Error() string {
	return fmt.Sprintf("arm %s: the target is lost, and another one does not start: %v", e.Arm.Name, e.Err)
}

func (e *TargetLostError) Unwrap() error { return e.Err }

// Aware is a cluster that notes when its API server could not be reached, which
// watches and streams bridge in silence.
type Aware interface{ LastOutage() time.Time }

const (
	// lostAttempts is how often in a row a trial is begun anew because the API
	// server was away meanwhile.
	lostAttempts = 20
	// longestPause bounds the pause between attempts, in pauses.
	longestPause = 10
)

// wasAway reports whether the API server was away while an attempt that has
// failed was made, so that it says nothing of the trial. The error is set if it
// still is, after all retries.
func (x *run) wasAway(ctx context.Context, t plan.Trial, since time.Time, failed error) (bool, error) {
	on := x.on(t.Arm)
	aware, ok := on.(Aware)
	if !kube.IsOutage(failed) && (!ok || !aware.LastOutage().After(since)) {
		return false, nil
	}
	if _, err := on.Leftovers(ctx, t.Arm.Namespace, x.plan.Run.ID); kube.IsOutage(err) {
		return true, &OutageError{err}
	}
	return true, nil
}

func (x *run) indexOf(arm string) int {
	return slices.IndexFunc(x.plan.Arms, func(a v1alpha1.Arm) bool { return a.Name == arm })
}

// rest lets a pause pass before the next attempt, longer from one to the next.
func (x *run) rest(ctx context.Context, attempts int) {
	if x.Pause <= 0 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(time.Duration(min(attempts, longestPause)) * x.Pause):
	}
}

// giveUp leaves out what an arm has left to do: it could only fail again. The
// error is set if nothing can be compared without that arm.
func (x *run) giveUp(arm v1alpha1.Arm, why error) error {
	x.givenUp[arm.Name] = why
	baseline, others := false, 0
	for _, a := range x.plan.Arms {
		switch {
		case x.givenUp[a.Name] != nil:
		case a.Role == v1alpha1.RoleBaseline:
			baseline = true
		case a.Role == v1alpha1.RoleMeshed:
			others++
		}
	}
	if !baseline || others == 0 {
		return why
	}
	x.Notify(ArmGivenUp{Arm: arm, Why: why})
	return nil
}
