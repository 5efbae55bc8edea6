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
	x.Notify(Deploying{Arms: x.plan.Arms})
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
		target := objects.Target // there already, if the run is resumed
		pod, err := x.on(arm).GetPod(ctx, target.Namespace, target.Name)
		if err != nil {
			return err
		}
		if x.Resumed {
			x.noteGone(i, pod)
		}
		if err := x.placeTarget(ctx, i, pod); err != nil {
			return err
		}
	}
	return nil
}

// noteGone says that trials of a run that goes on meet another target than those
// before: somebody took it away meanwhile, or the clean-up of what was stopped.
func (x *run) noteGone(arm int, pod *corev1.Pod) {
	name := x.plan.Arms[arm].Name
	x.outcome.Arms[arm].Replaced = append(x.outcome.Arms[arm].Replaced, x.DoneReplaced[name]...)
	why := whyTaken(pod)
	if pod == nil {
		why = "it was gone when the run went on"
	}
	done := func(t v1alpha1.Trial) bool { return t.Arm == name && t.Status == v1alpha1.TrialCompleted }
	if why != "" && slices.ContainsFunc(x.Done, done) {
		x.noteReplaced(arm, why)
	}
}

// noteReplaced says that a target is about to be replaced.
func (x *run) noteReplaced(arm int, why string) {
	before := v1alpha1.Replacement{At: time.Now().UTC(), Reason: why}
	if was := x.outcome.Arms[arm].Target; was != nil {
		before.Node = was.Node
	}
	x.outcome.Arms[arm].Replaced = append(x.outcome.Arms[arm].Replaced, before)
	x.Notify(TargetReplaced{Arm: x.plan.Arms[arm].Name, Replaced: before})
}

// awaitTargets waits until all targets are ready.
func (x *run) awaitTargets(ctx context.Context, begun time.Time) error {
	errs := make([]error, len(x.plan.Arms))
	pods := make([]*corev1.Pod, len(x.plan.Arms))
	var waits sync.WaitGroup
	for i := range x.plan.Arms {
		waits.Go(func() {
			pods[i], errs[i] = x.awaitTarget(ctx, i)
			for try := 0; errors.Is(errs[i], errDeleted) && try < targetTries; try++ {
				if errs[i] = x.placeTarget(ctx, i, nil); errs[i] == nil {
					pods[i], errs[i] = x.awaitTarget(ctx, i)
				}
			}
		})
	}
	waits.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for i, pod := range pods {
		x.outcome.Arms[i].Target = x.record(pod)
		x.watch(ctx, x.on(x.plan.Arms[i]), v1alpha1.SideServer, pod)
		x.Notify(TargetReady{Arm: x.outcome.Arms[i], After: time.Since(begun)})
	}
	return nil
}

// placeTarget creates an arm's target unless it is there, as pod: it cannot be
// applied again once a mesh has changed it. One that has ended or is about to is
// replaced.
func (x *run) placeTarget(ctx context.Context, arm int, pod *corev1.Pod) error {
	on := x.on(x.plan.Arms[arm])
	if pod != nil {
		if !isOver(pod) && pod.DeletionTimestamp == nil {
			return nil
		}
		if err := remove(ctx, on, pod); err != nil {
			return err
		}
	}
	target := x.plan.Objects[arm].Target.DeepCopy()
	workload.OwnedBy(&target.ObjectMeta, x.owners[x.plan.Arms[arm].Name])
	if _, err := on.ApplyPod(ctx, target); err != nil {
		return refused(x.plan.Arms[arm], err)
	}
	return nil
}

func (x *run) awaitTarget(ctx context.Context, arm int) (*corev1.Pod, error) {
	target := x.plan.Objects[arm].Target
	ready, err := x.awaitPod(ctx, x.on(x.plan.Arms[arm]), target.Namespace, target.Name, targetLimit, isReady)
	if err != nil {
		return nil, fmt.Errorf("arm %s: target is not ready: %w", x.plan.Arms[arm].Name, err)
	}
	return ready, nil
}

// ensureTarget makes sure that an arm's target serves before a trial begins,
// and replaces one that was evicted or deleted.
func (x *run) ensureTarget(ctx context.Context, name string) error {
	for i, arm := range x.plan.Arms {
		if arm.Name != name {
			continue
		}
		target := x.plan.Objects[i].Target
		pod, err := x.on(arm).GetPod(ctx, target.Namespace, target.Name)
		if err != nil {
			return err
		}
		if pod != nil && pod.DeletionTimestamp == nil && isReady(pod) {
			return nil
		}
		if why := whyTaken(pod); why != "" {
			x.noteReplaced(i, why)
		}
		if err := x.placeTarget(ctx, i, pod); err != nil {
			return err
		}
		if pod, err = x.awaitTarget(ctx, i); err != nil {
			return &TargetLostError{Arm: arm, Err: err}
		}
		x.watch(ctx, x.on(arm), v1alpha1.SideServer, pod) // it may be on another node
		x.outcome.Arms[i].Target = x.record(pod)
	}
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
