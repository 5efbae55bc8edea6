package runner

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/disturb"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

const (
	// lateLimit is how much later than due a disturbance may begin. Its arms are
	// compared by the instant in the window.
	lateLimit = 250 * time.Millisecond
	// aimAgain is how often the instant of a disturbance is worked out anew: frames tell
	// more of the load pod's clock as they come.
	aimAgain = 20 * time.Millisecond
	// hasty is the grace of targets that a disturbance left over.
	hasty = time.Second
)

// disturbing is a disturbance in the making.
type disturbing struct {
	x        *run
	t        plan.Trial
	arm      int
	out      v1alpha1.Disturbed
	mu       sync.Mutex // guards what follows, and the steps of out
	start    time.Time  // of the window, by the load pod's clock; zero before it is known
	ahead    *time.Duration
	known    chan struct{} // closed once start is
	waits    sync.WaitGroup
	finished chan error
}

// disturb begins to wait for the instant at which a trial's targets are disturbed;
// nil if they are not.
func (x *run) disturb(ctx context.Context, t plan.Trial) *disturbing {
	if t.Disturbance == nil {
		return nil
	}
	d := &disturbing{x: x, t: t, arm: x.indexOf(t.Arm.Name), known: make(chan struct{}), finished: make(chan error, 1),
		out: v1alpha1.Disturbed{Kind: t.Disturbance.Kind, DueSeconds: t.Disturbance.At.Seconds()}}
	if ahead, ok := x.ahead[spotOf(t)]; ok {
		d.ahead = &ahead
	}
	go func() { d.finished <- d.run(ctx) }()
	return d
}

// hear takes in a frame of a load pod. All load pods of a trial share one window.
func (d *disturbing) hear(f wire.Frame) {
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case f.Hello != nil:
		d.ahead = furthest(d.ahead, f.Hello.Now)
	case f.Usage != nil:
		d.ahead = furthest(d.ahead, f.Usage.At)
	case f.Started != nil && d.start.IsZero():
		d.start = f.Started.WindowStart
		close(d.known)
	}
}

// local is an instant of the window by our own clock.
func (d *disturbing) local(after time.Duration) time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := d.start.Add(after)
	if d.ahead != nil {
		at = at.Add(-*d.ahead)
	}
	return at
}

// now is how far the window has come, in seconds.
func (d *disturbing) now() float64 { return time.Since(d.local(0)).Seconds() }

func (d *disturbing) run(ctx context.Context) error {
	defer d.waits.Wait()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-d.known:
	}
	pods, err := d.pods(ctx)
	if err != nil {
		return err
	}
	due := d.t.Disturbance.At.Duration
	for rest := time.Until(d.local(due)); rest > 0; rest = time.Until(d.local(due)) {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(min(rest, aimAgain)):
		}
	}
	for _, step := range disturb.Steps(*d.t.Disturbance, len(pods)) {
		if err := d.do(ctx, step, pods); err != nil {
			return err
		}
	}
	return nil
}

// pods are the trial's targets as they are now, by their ordinals.
func (d *disturbing) pods(ctx context.Context) ([]*corev1.Pod, error) {
	var all []*corev1.Pod
	for _, target := range inUse(d.x.plan.Run, d.x.plan.Objects[d.arm].Targets, d.t) {
		pod, err := d.x.on(d.t.Arm).GetPod(ctx, target.Namespace, target.Name)
		if err != nil {
			return nil, err
		}
		if pod == nil {
			return nil, fmt.Errorf("target %s: %w", target.Name, errDeleted)
		}
		all = append(all, pod)
	}
	return all, nil
}

// do takes one step and notes it. What follows from it is waited for beside the next.
func (d *disturbing) do(ctx context.Context, step disturb.Step, pods []*corev1.Pod) error {
	on, asked := d.x.on(d.t.Arm), d.now()
	var pod *corev1.Pod
	var err error
	switch {
	case step.Make:
		pod = d.x.disturbedTarget(d.arm, d.t, step)
		_, err = on.ApplyPod(ctx, pod)
	case step.Now:
		pod = pods[step.Ordinal]
		err = on.EndPod(ctx, pod.Namespace, pod.Name, pod.UID, 0)
	default:
		pod = pods[step.Ordinal]
		err = on.DeletePod(ctx, pod.Namespace, pod.Name, pod.UID)
	}
	answered := d.now()
	if err != nil {
		return fmt.Errorf("the disturbance could not be made: target %s: %w", pod.Name, err)
	}
	d.mu.Lock()
	at := len(d.out.Steps)
	d.out.Steps = append(d.out.Steps, v1alpha1.DisturbedPod{Pod: pod.Name, Node: pod.Spec.NodeName, Ordinal: step.Ordinal,
		Made: step.Make, AskedSeconds: asked, AnsweredSeconds: answered})
	d.mu.Unlock()
	if step.Await {
		return d.awaitReady(ctx, at, pod)
	}
	if step.Make {
		// It need not be ready within the window; the next trial waits for it.
		d.waits.Go(func() { _ = d.awaitReady(ctx, at, pod) })
	} else {
		d.waits.Go(func() { d.awaitGone(ctx, at, pod) })
	}
	return nil
}

func (d *disturbing) awaitReady(ctx context.Context, step int, pod *corev1.Pod) error {
	ready, err := d.x.awaitPod(ctx, d.x.on(d.t.Arm), pod.Namespace, pod.Name, targetLimit, func(p *corev1.Pod) bool {
		return p.DeletionTimestamp == nil && isReady(p)
	})
	if err != nil {
		return fmt.Errorf("target %s, which the disturbance made, is not ready: %w", pod.Name, err)
	}
	at := d.now()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.out.Steps[step].ReadySeconds, d.out.Steps[step].Node = &at, ready.Spec.NodeName
	return nil
}

func (d *disturbing) awaitGone(ctx context.Context, step int, pod *corev1.Pod) {
	err := d.x.on(d.t.Arm).WaitPod(ctx, pod.Namespace, pod.Name, func(p *corev1.Pod) (bool, error) {
		return p == nil || p.UID != pod.UID, nil
	})
	if err != nil {
		return
	}
	at := d.now()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.out.Steps[step].GoneSeconds = &at
}

// errUndisturbed is of a trial whose plugin was away in its window.
var errUndisturbed = errors.New("its targets were to be disturbed, and the plugin that was to do it had ended: " +
	"nobody knows whether and when it did")

// end waits until all is over that was begun, and puts what was done into the trial. A
// trial whose targets were not disturbed as asked, when it was asked, has no result; the
// error of one that failed for another reason stays.
func (d *disturbing) end(ctx context.Context, stop context.CancelFunc, result *v1alpha1.Trial, failed error) error {
	if d == nil {
		return failed
	}
	if failed != nil {
		stop()
	}
	late := time.AfterFunc(targetLimit, stop)
	defer late.Stop()
	var err error
	select {
	case err = <-d.finished:
	case <-ctx.Done():
		stop()
		err = errors.Join(context.Cause(ctx), <-d.finished)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	result.Disturbed = &d.out
	switch {
	case failed != nil:
		return failed
	case err != nil:
		return err
	}
	// What a target that is gone had received, nobody knows.
	result.Received = nil
	return misdone(d.out, result.Window.Seconds)
}

// misdone says what is wrong with how a disturbance was made.
func misdone(d v1alpha1.Disturbed, windowSeconds float64) error {
	if len(d.Steps) == 0 {
		return errors.New("the targets were to be disturbed, and nothing was done")
	}
	if late := d.Steps[0].AskedSeconds - d.DueSeconds; late > lateLimit.Seconds() {
		return fmt.Errorf("the disturbance began %.0f ms late: arms are compared by its instant", late*1e3)
	}
	for _, s := range d.Steps {
		if s.AnsweredSeconds > windowSeconds {
			return fmt.Errorf("the disturbance was not over by the end of the window: target %s was deleted or made %.1f s "+
				"after its start; lengthen the window or disturb earlier", s.Pod, s.AnsweredSeconds)
		}
	}
	return nil
}

// disturbedTarget is the pod that a step makes.
func (x *run) disturbedTarget(arm int, t plan.Trial, step disturb.Step) *corev1.Pod {
	targets := inUse(x.plan.Run, x.plan.Objects[arm].Targets, t)
	// Further ones are behind the same Service as those that the level has.
	made := targets[min(step.Ordinal, len(targets)-1)].DeepCopy()
	switch {
	case step.Ordinal >= len(targets):
		made.Name = targets[0].Name + "-more-" + strconv.Itoa(step.Ordinal)
	case step.Beside:
		made.Name += "-next"
	}
	workload.OwnedBy(&made.ObjectMeta, x.owners[t.Arm.Name])
	return made
}

// restored makes the targets what they were, whatever became of the trial. If it cannot,
// its arm has none.
func (x *run) restored(ctx context.Context, t plan.Trial, failed error) error {
	if t.Disturbance == nil || ctx.Err() != nil {
		return failed
	}
	if err := x.restore(ctx, t); err != nil && ctx.Err() == nil {
		return &TargetLostError{Arm: t.Arm, Err: err}
	}
	return failed
}

// restore makes an arm's targets what they were before a disturbance: those of the plan
// are there and ready, and nothing beside them. Nothing of that is told as a
// replacement: it is what was asked for.
func (x *run) restore(ctx context.Context, t plan.Trial) error {
	arm := x.indexOf(t.Arm.Name)
	on, targets := x.on(t.Arm), inUse(x.plan.Run, x.plan.Objects[arm].Targets, t)
	errs := make([]error, len(targets))
	var waits sync.WaitGroup
	pods := make([]*corev1.Pod, len(targets))
	for i, target := range targets {
		waits.Go(func() {
			pod, err := on.GetPod(ctx, target.Namespace, target.Name)
			if err == nil {
				err = x.placeTarget(ctx, arm, i, pod)
			}
			if err == nil {
				pods[i], err = x.awaitTarget(ctx, arm, i)
			}
			errs[i] = err
		})
	}
	waits.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for i, pod := range pods {
		x.recordTarget(ctx, arm, i, pod)
	}
	return x.removeLeft(ctx, arm, t)
}

// removeLeft removes what disturbances made beside the targets of the plan, also those
// of a run that was stopped in the middle of one.
func (x *run) removeLeft(ctx context.Context, arm int, t plan.Trial) error {
	on := x.on(t.Arm)
	steps := disturb.Steps(*t.Disturbance, len(inUse(x.plan.Run, x.plan.Objects[arm].Targets, t)))
	errs := make([]error, len(steps))
	var removals sync.WaitGroup
	for i, step := range steps {
		left := x.disturbedTarget(arm, t, step)
		if !step.Make ||
			left.Name == x.plan.Objects[arm].Targets[min(step.Ordinal, len(x.plan.Objects[arm].Targets)-1)].Name {
			continue
		}
		removals.Go(func() {
			pod, err := on.GetPod(ctx, left.Namespace, left.Name)
			if err == nil && pod != nil {
				err = errors.Join(on.EndPod(ctx, pod.Namespace, pod.Name, pod.UID, hasty), remove(ctx, on, pod))
			}
			errs[i] = err
		})
	}
	removals.Wait()
	return errors.Join(errs...)
}
