// Package runner executes a plan: it deploys the targets, runs the trials one
// after the other, says what happens as events, and takes everything away
// again. It measures nothing itself.
package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// Applier creates objects.
type Applier interface {
	ApplyConfigMap(context.Context, *corev1.ConfigMap) (*corev1.ConfigMap, error)
	ApplyService(context.Context, *corev1.Service) (*corev1.Service, error)
	ApplyPod(context.Context, *corev1.Pod) (*corev1.Pod, error)
}

// Pods follows pods and ends them.
type Pods interface {
	WaitPod(ctx context.Context, namespace, name string, done func(*corev1.Pod) (bool, error)) error
	GetPod(ctx context.Context, namespace, name string) (*corev1.Pod, error)
	DeletePod(ctx context.Context, namespace, name string, uid types.UID) error
	// EndPod is DeletePod with another grace than the pod's own.
	EndPod(ctx context.Context, namespace, name string, uid types.UID, grace time.Duration) error
}

// Logs opens a container's log and follows it: from its beginning, or from an
// instant on, and from its last line if that is zero.
type Logs interface {
	Log(ctx context.Context, namespace, pod, container string) (io.ReadCloser, error)
	LogFrom(ctx context.Context, namespace, pod, container string, since time.Time) (io.ReadCloser, error)
}

// Sweeper finds and removes what a run created, and marks it as in use.
type Sweeper interface {
	Leftovers(ctx context.Context, namespace, runID string) ([]kube.Object, error)
	Delete(ctx context.Context, objects []kube.Object) error
	SayAlive(ctx context.Context, namespace, owner string, at time.Time) error
}

// Cluster is all a Runner needs of a cluster.
type Cluster interface {
	Applier
	Pods
	Logs
	Sweeper
	Events
	Services
}

// Runner executes plans.
type Runner struct {
	// Cluster is that of all arms without a context.
	Cluster Cluster
	// Others are the clusters of arms with a context, by context.
	Others map[string]Cluster
	// Version is the plugin's; a worker of another one is refused.
	Version string
	// Notify gets every event, in order, from one goroutine at a time.
	Notify func(Event)
	// Meshes tells what to record of pods that a mesh has changed.
	Meshes mesh.Catalogue
	// Meter measures from outside of the pods; nil for nothing that does.
	Meter Meter
	// Keep leaves all objects in place, for debugging.
	Keep bool
	// Pause is the time before a second attempt at a trial; it grows with further
	// ones.
	Pause time.Duration
	// PairedWithin is how long ago a trial may have ended to be compared with one
	// that begins now, in a run that goes on; zero for any time.
	PairedWithin time.Duration
	// Resumed says that the plan was begun before, by a plugin that died; Done
	// are the trials it had recorded.
	Resumed bool
	Done    []v1alpha1.Trial
	// DoneIdle is the idle window of a resumed run, if it had one.
	DoneIdle        *v1alpha1.IdleWindow
	DoneIdleWindows []v1alpha1.IdleWindow
	// DoneReplaced are the targets that were replaced before, by arm.
	DoneReplaced map[string][]v1alpha1.Replacement
}

// Outcome is what a run brought, whole or not.
type Outcome struct {
	// Arms are those of the plan with their targets filled in.
	Arms   []v1alpha1.Arm
	Trials []v1alpha1.Trial
	// Idle is nil where no window without load was measured.
	Idle *v1alpha1.IdleWindow
	// IdleWindows are those before later rounds.
	IdleWindows []v1alpha1.IdleWindow
	// Nodes are those that ran load pods, as the worker saw them.
	Nodes map[NodeKey]v1alpha1.Node
	// Planned are the trials of the plan without those that a precision did not need.
	Planned []plan.Trial
	// Interrupted is set when ctx ended before the plan did.
	Interrupted bool
	// Cleanup is what could not be removed.
	Cleanup error
}

// NodeKey tells the nodes of a run apart: two clusters may have nodes of one
// name. Context is that of the arm.
type NodeKey struct{ Context, Name string }

// run is the state of one execution.
type run struct {
	*Runner
	plan    plan.Plan
	owners  map[string]*corev1.ConfigMap // by arm
	outcome Outcome
	serial  int
	// metered is set once the meter could read something.
	metered atomic.Bool
	// nodes pins load pods of a placement to the node the first one got.
	nodes map[spot]string
	// asked are the pods as we made them, before admission, by namespace/name.
	asked map[string]*corev1.Pod
	// givenUp are the arms that can take no more trials, and why.
	givenUp map[string]error
	// settled is the last round of each experiment before which its precision was
	// looked at.
	settled map[string]int
	// services are the user's Services as they were last seen, by arm.
	services map[string]seenService
	// ahead is how far the clocks of those nodes are ahead of ours.
	ahead map[spot]time.Duration
}

// spot is a placement in one of the clusters.
type spot struct {
	context   string
	placement v1alpha1.Placement
}

func spotOf(t plan.Trial) spot { return spot{t.Arm.Context, t.Level.Placement} }

// on is the cluster of an arm.
func (x *run) on(arm v1alpha1.Arm) Cluster {
	if arm.Context == "" {
		return x.Cluster
	}
	return x.Others[arm.Context]
}

// Run executes p. The outcome holds everything measured, also with an error.
// Objects are removed even if ctx has ended.
func (r *Runner) Run(ctx context.Context, p plan.Plan) (Outcome, error) {
	// Pods are waited for side by side, and each may have something to tell.
	var telling sync.Mutex
	told := *r
	told.Notify = func(e Event) {
		telling.Lock()
		defer telling.Unlock()
		r.Notify(e)
	}
	x := &run{
		Runner:  &told,
		plan:    p,
		owners:  map[string]*corev1.ConfigMap{},
		nodes:   map[spot]string{},
		ahead:   map[spot]time.Duration{},
		asked:   map[string]*corev1.Pod{},
		givenUp: map[string]error{},
		settled: map[string]int{}, services: map[string]seenService{},
		outcome: Outcome{Arms: append([]v1alpha1.Arm(nil), p.Arms...), Nodes: map[NodeKey]v1alpha1.Node{}},
	}
	for _, o := range p.Objects {
		for _, target := range o.Targets {
			x.ask(target)
		}
	}
	for _, arm := range p.Arms {
		if x.on(arm) == nil {
			return x.outcome, fmt.Errorf("arm %s: there is no cluster for context %q", arm.Name, arm.Context)
		}
	}
	err := x.execute(ctx)
	x.outcome.Planned = x.plan.Trials
	if err != nil && ctx.Err() != nil {
		x.outcome.Interrupted = true
		err = nil // stopping was asked for; it is no failure of the run
	}
	if outage := new(OutageError); kube.IsOutage(err) && !errors.As(err, &outage) {
		err = &OutageError{err}
	}
	if !r.Keep {
		x.outcome.Cleanup = x.cleanup(ctx)
	}
	return x.outcome, err
}

func (x *run) execute(ctx context.Context) error {
	begun := time.Now()
	if err := x.create(ctx); err != nil {
		return err
	}
	alive, stop := context.WithCancel(ctx)
	var signs sync.WaitGroup
	defer signs.Wait() // a sign of life must not meet the clean-up
	defer stop()
	signs.Go(func() { x.sayAlive(alive) })
	if err := x.awaitTargets(ctx, begun); err != nil {
		return err
	}
	if x.Resumed {
		if err := x.resume(ctx); err != nil {
			return err
		}
	}
	defer x.meterRest(ctx)
	if experiment, round := firstRound(x.plan); len(x.idleWindows()) == 0 {
		if err := x.idleBefore(ctx, experiment, round); err != nil {
			return err
		}
	}
	for i := 0; i < len(x.plan.Trials); i++ {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		x.settle(x.plan.Trials[i])
		if i >= len(x.plan.Trials) {
			break // no more rounds are needed
		}
		t := x.plan.Trials[i]
		if x.isDone(t) || x.givenUp[t.Arm.Name] != nil {
			continue
		}
		if err := x.idleBefore(ctx, t.Experiment, t.Round); err != nil {
			return err
		}
		if err := x.trial(ctx, i, t); err != nil {
			return err
		}
	}
	for _, s := range x.plan.Searches {
		if err := x.search(ctx, s); err != nil {
			return err
		}
	}
	var left []error
	for _, arm := range x.plan.Arms {
		left = append(left, x.givenUp[arm.Name])
	}
	return errors.Join(left...)
}

// trial runs one planned trial until it gives a result or its repeats are used up.
func (x *run) trial(ctx context.Context, index int, t plan.Trial) error {
	before, lost := x.attempts(t), 0
	total := max(x.plan.Total(), index+1)
	for attempt := before + 1; ; {
		x.Notify(TrialStarted{Index: index, Total: total, Trial: t, Attempt: attempt, Remaining: x.plan.Remaining(index)})
		begun := time.Now()
		result, err := x.attempt(ctx, t, attempt)
		if err != nil && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		gone := endsArm(err)
		if err != nil && !gone && !isFinal(err) {
			away, still := x.wasAway(ctx, t, begun, err)
			if lost++; still != nil || away && lost > lostAttempts {
				return errors.Join(&OutageError{err}, still)
			}
			if away { // an error of the API server is none of the trial
				x.Notify(TrialLost{Index: index, Total: total, Trial: t, Attempt: attempt, Err: err})
				x.rest(ctx, lost)
				continue
			}
		}
		if stopped := new(StoppedError); errors.As(err, &stopped) {
			return x.stopped(ctx, index, total, t, result, stopped)
		}
		if isFinal(err) {
			return err
		}
		if err != nil {
			result.Status, result.Reason = v1alpha1.TrialVoid, err.Error()
		}
		x.outcome.Trials = append(x.outcome.Trials, result)
		again := err != nil && !gone && attempt-before <= *t.Schedule.Repeats
		x.Notify(TrialDone{Index: index, Total: total, Result: result, Repeat: again})
		x.meterTrial(ctx, t, result)
		if gone {
			return x.giveUp(t.Arm, err)
		}
		if !again {
			return nil
		}
		x.rest(ctx, attempt-before)
		attempt, lost = attempt+1, 0
	}
}

// endsArm reports whether nothing more can be done in that arm.
func endsArm(err error) bool {
	var refused *RefusedError
	var lost *TargetLostError
	return errors.As(err, &refused) || errors.As(err, &lost)
}

// isFinal reports whether another try, or another trial, would fail as well.
func isFinal(err error) bool {
	var outage *OutageError
	var release *ReleaseError
	var version *wire.VersionError
	var unplaced *UnplacedError
	var files *FilesError
	var stopped *StoppedError
	var withdrawn *WithdrawnError
	return errors.As(err, &stopped) || errors.As(err, &withdrawn) || errors.As(err, &files) || errors.As(err, &unplaced) ||
		errors.As(err, &outage) ||
		errors.As(err, &release) || errors.As(err, &version)
}
