package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// targetLimit bounds the wait for a target to be ready, image pull included.
const targetLimit = 3 * time.Minute

// targetTries is how often a target is made again that somebody deletes before it
// is ready. No trial has met it yet.
const targetTries = 2

// RefusedError says that the API server would not take an object: admission,
// quota, or a missing permission.
type RefusedError struct {
	Arm v1alpha1.Arm
	Err error
}

func (e *RefusedError) Error() string {
	text := fmt.Sprintf("arm %s: %v", e.Arm.Name, e.Err)
	if advice := kube.RefusalAdvice(e.Err.Error(), e.Arm.Namespace); advice != "" {
		text += ": " + advice
	}
	return text
}

func (e *RefusedError) Unwrap() error { return e.Err }

// refused tells "no" from "cannot": what the server refused once, it refuses again.
func refused(arm v1alpha1.Arm, err error) error {
	if kube.IsOutage(err) {
		return fmt.Errorf("arm %s: %w", arm.Name, err)
	}
	if apierrors.IsForbidden(err) || apierrors.IsInvalid(err) || apierrors.IsBadRequest(err) ||
		apierrors.IsInternalError(err) || apierrors.IsConflict(err) {
		return &RefusedError{Arm: arm, Err: err}
	}
	return fmt.Errorf("arm %s: %w", arm.Name, err)
}

// create creates owners, Services and targets. The run says that it is alive as
// soon as it has an owner to say it on.
func (x *run) create(ctx context.Context) error {
	x.Notify(Deploying{Arms: x.plan.Arms, Service: x.plan.Run.Service})
	for i, arm := range x.plan.Arms {
		objects := x.plan.Objects[i]
		owner, err := x.on(arm).ApplyConfigMap(ctx, objects.Owner)
		if err != nil {
			return refused(arm, err)
		}
		x.owners[arm.Name] = owner
		x.signAlive(ctx, arm)
		for _, wanted := range objects.Services {
			service := wanted.DeepCopy()
			workload.OwnedBy(&service.ObjectMeta, owner)
			if _, err := x.on(arm).ApplyService(ctx, service); err != nil {
				return refused(arm, err)
			}
		}
		if err := x.lookAtService(ctx, i); err != nil {
			return err
		}
		if x.Resumed {
			x.outcome.Arms[i].Replaced = append(x.outcome.Arms[i].Replaced, x.DoneReplaced[arm.Name]...)
		}
		for ordinal, target := range objects.Targets { // there already, if the run is resumed
			pod, err := x.on(arm).GetPod(ctx, target.Namespace, target.Name)
			if err != nil {
				return err
			}
			if x.Resumed {
				x.noteGone(i, ordinal, pod)
			}
			if err := x.placeTarget(ctx, i, ordinal, pod); err != nil {
				return err
			}
		}
	}
	return nil
}

// noteGone says that trials of a run that goes on meet another target than those
// before: somebody took it away meanwhile, or the clean-up of what was stopped.
func (x *run) noteGone(arm, ordinal int, pod *corev1.Pod) {
	name := x.plan.Arms[arm].Name
	why := whyTaken(pod)
	if pod == nil {
		why = "it was gone when the run went on"
	}
	done := func(t v1alpha1.Trial) bool { return t.Arm == name && t.Status == v1alpha1.TrialCompleted }
	if why != "" && slices.ContainsFunc(x.Done, done) {
		x.noteReplaced(arm, ordinal, why)
	}
}

// noteReplaced says that a target is about to be replaced.
func (x *run) noteReplaced(arm, ordinal int, why string) {
	before := v1alpha1.Replacement{At: time.Now().UTC(), Reason: why}
	if was := x.outcome.Arms[arm].TargetAt(ordinal); was != nil {
		before.Node = was.Node
	}
	if ordinal > 0 {
		before.Target = x.plan.Objects[arm].Targets[ordinal].Name
	}
	x.outcome.Arms[arm].Replaced = append(x.outcome.Arms[arm].Replaced, before)
	x.Notify(TargetReplaced{Arm: x.plan.Arms[arm].Name, Replaced: before})
}

// awaitTargets waits until all targets are ready.
func (x *run) awaitTargets(ctx context.Context, begun time.Time) error {
	pods := make([][]*corev1.Pod, len(x.plan.Arms))
	errs := make([]error, len(x.plan.Arms))
	var waits sync.WaitGroup
	for i := range x.plan.Arms {
		waits.Go(func() { pods[i], errs[i] = x.awaitArm(ctx, i) })
	}
	waits.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for i, all := range pods {
		for ordinal, pod := range all {
			x.recordTarget(ctx, i, ordinal, pod)
		}
		if len(all) == 0 { // a Service of the user's
			continue
		}
		x.Notify(TargetReady{Arm: x.outcome.Arms[i], After: time.Since(begun)})
	}
	return nil
}

// awaitArm waits for an arm's targets, and makes those again that somebody deletes
// meanwhile.
func (x *run) awaitArm(ctx context.Context, arm int) ([]*corev1.Pod, error) {
	pods := make([]*corev1.Pod, len(x.plan.Objects[arm].Targets))
	errs := make([]error, len(pods))
	var waits sync.WaitGroup
	for i := range pods {
		waits.Go(func() {
			pods[i], errs[i] = x.awaitTarget(ctx, arm, i)
			for try := 0; errors.Is(errs[i], errDeleted) && try < targetTries; try++ {
				if errs[i] = x.placeTarget(ctx, arm, i, nil); errs[i] == nil {
					pods[i], errs[i] = x.awaitTarget(ctx, arm, i)
				}
			}
		})
	}
	waits.Wait()
	return pods, errors.Join(errs...)
}

// recordTarget keeps a target that is ready, and lets the meter watch it: it may be on
// another node than the one before it.
func (x *run) recordTarget(ctx context.Context, arm, ordinal int, pod *corev1.Pod) {
	x.outcome.Arms[arm].SetTarget(ordinal, len(x.plan.Objects[arm].Targets), x.record(pod))
	x.watch(ctx, x.on(x.plan.Arms[arm]), v1alpha1.SideServer, pod)
}

// placeTarget creates an arm's target unless it is there, as pod: it cannot be
// applied again once a mesh has changed it. One that has ended or is about to is
// replaced.
func (x *run) placeTarget(ctx context.Context, arm, ordinal int, pod *corev1.Pod) error {
	on := x.on(x.plan.Arms[arm])
	if pod != nil {
		if !isOver(pod) && pod.DeletionTimestamp == nil {
			return nil
		}
		if err := remove(ctx, on, pod); err != nil {
			return err
		}
	}
	target := x.plan.Objects[arm].Targets[ordinal].DeepCopy()
	workload.OwnedBy(&target.ObjectMeta, x.owners[x.plan.Arms[arm].Name])
	if _, err := on.ApplyPod(ctx, target); err != nil {
		return refused(x.plan.Arms[arm], err)
	}
	return nil
}

func (x *run) awaitTarget(ctx context.Context, arm, ordinal int) (*corev1.Pod, error) {
	target := x.plan.Objects[arm].Targets[ordinal]
	ready, err := x.awaitPod(ctx, x.on(x.plan.Arms[arm]), target.Namespace, target.Name, targetLimit, isReady)
	if err != nil {
		which := "target"
		if ordinal > 0 {
			which = fmt.Sprintf("target %s (one of %d)", target.Name, len(x.plan.Objects[arm].Targets))
		}
		return nil, fmt.Errorf("arm %s: %s is not ready: %w", x.plan.Arms[arm].Name, which, err)
	}
	return ready, nil
}

// ensureTargets makes sure that an arm's targets serve before a trial begins, and that
// a Service of the user's still allows it.
func (x *run) ensureTargets(ctx context.Context, name string) error {
	arm := x.indexOf(name)
	if err := x.lookAtService(ctx, arm); err != nil {
		return err
	}
	for ordinal := range x.plan.Objects[arm].Targets {
		if err := x.ensureTarget(ctx, arm, ordinal); err != nil {
			return err
		}
	}
	return nil
}

// ensureTarget replaces a target that was evicted or deleted.
func (x *run) ensureTarget(ctx context.Context, i, ordinal int) error {
	arm, target := x.plan.Arms[i], x.plan.Objects[i].Targets[ordinal]
	pod, err := x.on(arm).GetPod(ctx, target.Namespace, target.Name)
	if err != nil {
		return err
	}
	if pod != nil && pod.DeletionTimestamp == nil && isReady(pod) {
		return nil
	}
	if why := whyTaken(pod); why != "" {
		x.noteReplaced(i, ordinal, why)
	}
	if err := x.placeTarget(ctx, i, ordinal, pod); err != nil {
		return err
	}
	if pod, err = x.awaitTarget(ctx, i, ordinal); err != nil {
		return &TargetLostError{Arm: arm, Err: err}
	}
	x.recordTarget(ctx, i, ordinal, pod)
	return nil
}

// whyTaken says why a target has to be replaced; empty if it need only be waited for.
func whyTaken(pod *corev1.Pod) string {
	switch {
	case pod == nil:
		return "it was deleted"
	case isOver(pod):
		return whyOver(pod)
	case pod.DeletionTimestamp != nil:
		return "it is being deleted"
	default:
		return ""
	}
}
