package runner

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

const (
	// startLimit bounds a load pod's way to a running worker.
	startLimit = 2 * time.Minute
	// startBudget is the time that load pods with a shared start instant have
	// to come up.
	startBudget = 8 * time.Second
)

// attempt runs the load pods of one trial once. The trial it returns is filled
// in as far as it came, also with an error.
func (x *run) attempt(ctx context.Context, t plan.Trial, attempt int) (result v1alpha1.Trial, err error) {
	result = newResult(t, attempt)
	if err := x.ensureTargets(ctx, t.Arm.Name); err != nil {
		return result, err
	}
	defer func() { err = x.restored(ctx, t, err) }()
	targets := x.watchTargets(ctx, t, true)
	defer targets.stop()
	var harvests []harvest
	// After the load pods are gone: the target's last frame is here by then.
	defer func() {
		if err == nil {
			result.Resources = x.resources(ctx, *result.Window, harvests, targets)
		}
	}()
	var before tallies
	if t.Disturbance == nil { // else some of those that count may be gone
		before = targets.tally(ctx)
	}
	pods, err := x.createLoad(ctx, t, attempt)
	defer x.removeAll(ctx, t.Arm, pods)
	if err != nil {
		return result, err
	}
	acting, stop := context.WithCancel(ctx)
	defer stop()
	disturbing := x.disturb(acting, t)
	harvests, err = x.read(ctx, t, pods, &result, disturbing.hear)
	err = disturbing.end(ctx, stop, &result, err)
	for _, h := range harvests {
		if have, ok := x.ahead[spotOf(t)]; h.ahead != nil && (!ok || *h.ahead > have) {
			x.ahead[spotOf(t)] = *h.ahead
		}
	}
	if errors.Is(err, errUnscheduled) {
		if _, placed := x.nodes[spotOf(t)]; !placed {
			return result, x.unplaced(ctx, t, pods, err)
		}
		// It fitted before, so the node it is pinned to has changed: the next
		// attempt may go elsewhere, and a finding will say so.
		delete(x.nodes, spotOf(t))
	}
	if err == nil {
		if t.Disturbance == nil {
			counted := between(before, targets.tally(ctx))
			if t.Level.Chained() {
				addHops(result.Received, targets, counted, len(harvests))
			} else if len(targets) > 1 {
				result.Received = byReplica(targets, counted, harvests)
			}
		}
		err = impossible(result, t)
	}
	return result, err
}

// impossible is the error of a trial that no worker of ours can have measured.
func impossible(result v1alpha1.Trial, t plan.Trial) error {
	if why := analyse.Impossible(result, t.Level.Rate); why != "" {
		return fmt.Errorf("its worker reports %s: it is broken, or none of ours", why)
	}
	return nil
}

// UnplacedError says that no node ever took a load pod of that placement, so
// that no trial can be run.
type UnplacedError struct {
	Arm       v1alpha1.Arm
	Placement v1alpha1.Placement
	// Node is the one that was asked for by name, if any.
	Node string
	Err  error
}

func (e *UnplacedError) Error() string {
	if e.Node != "" {
		return fmt.Sprintf("arm %s: node %s takes no load pod (placement %s): %v: "+
			"name another node, or make room on this one", e.Arm.Name, e.Node, e.Placement, e.Err)
	}
	if e.Placement == v1alpha1.PlacementAny {
		return fmt.Sprintf("arm %s: no node takes a load pod: %v: use smaller requests in spec.load, or make room on a node",
			e.Arm.Name, e.Err)
	}
	return fmt.Sprintf("arm %s: no node takes a load pod (placement %s): %v: "+
		"use --placement %s, smaller requests in spec.load, or make room on a node",
		e.Arm.Name, e.Placement, e.Err,
		map[bool]v1alpha1.Placement{true: v1alpha1.PlacementSameNode,
			false: v1alpha1.PlacementCrossNode}[e.Placement == v1alpha1.PlacementCrossNode])
}

func (e *UnplacedError) Unwrap() error { return e.Err }

func newResult(t plan.Trial, attempt int) v1alpha1.Trial {
	result := v1alpha1.Trial{
		ID: t.ID(attempt), Experiment: t.Experiment, Arm: t.Arm.Name, Level: t.Level.ID,
		Round: t.Round, Attempt: attempt, Status: v1alpha1.TrialCompleted,
	}
	if t.Searched {
		rate := t.Level.Rate
		result.Rate = &rate
	}
	return result
}

// collect reads a trial whose load pods are already there.
func (x *run) collect(ctx context.Context, t plan.Trial, attempt int, pods []*corev1.Pod) v1alpha1.Trial {
	result := newResult(t, attempt)
	targets := x.watchTargets(ctx, t, false)
	defer targets.stop()
	harvests, err := x.read(ctx, t, pods, &result, func(wire.Frame) {})
	switch {
	case err != nil:
	case t.Disturbance != nil:
		err = errUndisturbed
	default:
		err = impossible(result, t)
	}
	if err != nil {
		result.Status, result.Reason = v1alpha1.TrialVoid, err.Error()
		if stopped := new(StoppedError); errors.As(err, &stopped) {
			result.Stopped = &stopped.Stop
		}
		return result
	}
	result.Resources = x.resources(ctx, *result.Window, harvests, targets)
	return result
}

// read reads the logs of all load pods of a trial to their ends.
// Each frame is heard as it comes.
func (x *run) read(ctx context.Context, t plan.Trial, pods []*corev1.Pod, result *v1alpha1.Trial,
	hear func(wire.Frame)) ([]harvest, error) {
	harvests := make([]harvest, len(pods))
	told := make([]wire.LoadSpec, len(pods))
	for i, pod := range pods {
		var err error
		if told[i], err = x.toldTo(t, result.Attempt, pod); err != nil {
			return nil, err
		}
	}
	// The first load pod that fails voids the trial; the others need not go on.
	reading, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var notify sync.Mutex
	var reads sync.WaitGroup
	for i, pod := range pods {
		reads.Go(func() {
			h, err := x.harvest(reading, x.on(t.Arm), pod, told[i], func(f wire.Frame) {
				notify.Lock()
				defer notify.Unlock()
				hear(f)
				if f.Started != nil {
					x.begun(t)
				}
				switch {
				case f.Second != nil:
					x.Notify(TrialSecond{Trial: t, Second: *f.Second})
				case f.Hello != nil || f.Started != nil:
					x.Notify(WorkerSpoke{Trial: t, Hello: f.Hello, Started: f.Started})
				}
			})
			harvests[i] = h
			if err != nil {
				stop(err)
			}
		})
	}
	reads.Wait()
	for _, h := range harvests {
		if h.pod == nil {
			continue
		}
		result.Pods = append(result.Pods, *x.record(h.pod))
		if node := h.pod.Spec.NodeName; node != "" {
			x.nodes[spotOf(t)] = node
			x.outcome.Nodes[NodeKey{t.Arm.Context, node}] = h.node()
		}
	}
	if reading.Err() != nil {
		return harvests, context.Cause(reading)
	}
	return harvests, merge(harvests, result)
}

func (x *run) createLoad(ctx context.Context, t plan.Trial, attempt int) ([]*corev1.Pod, error) {
	x.serial++
	spec := x.plan.Load(t, attempt, x.serial)
	x.place(ctx, t, &spec)
	if t.Level.Clients > 1 {
		// Later attempts get more time: the last one may have failed for lack of it,
		// or because the nodes' clocks were not known.
		start := time.Now().Add(x.ahead[spotOf(t)] + time.Duration(attempt)*startBudget + spec.Warmup).UTC()
		spec.StartAt = &start
	}
	wanted, err := workload.LoadPods(x.plan.Run, spec)
	if err != nil {
		return nil, err
	}
	var created []*corev1.Pod
	for _, pod := range wanted {
		workload.OwnedBy(&pod.ObjectMeta, x.owners[t.Arm.Name])
		x.ask(pod)
		stored, err := x.on(t.Arm).ApplyPod(ctx, pod)
		if err != nil {
			// It may be there, only the answer lost.
			if stored, getErr := x.on(t.Arm).GetPod(ctx, pod.Namespace, pod.Name); getErr == nil && stored != nil {
				created = append(created, stored)
			}
			return created, refused(t.Arm, err)
		}
		created = append(created, stored)
	}
	return created, nil
}

// removeAll ends load pods before the next trial begins, so that none of them
// takes CPU from it. What it cannot remove, the run's clean-up will.
func (x *run) removeAll(ctx context.Context, arm v1alpha1.Arm, pods []*corev1.Pod) {
	if x.Keep {
		return
	}
	var removals sync.WaitGroup
	for _, pod := range pods {
		removals.Go(func() { _ = remove(ctx, x.on(arm), pod) })
	}
	removals.Wait()
	for _, pod := range pods {
		delete(x.asked, pod.Namespace+"/"+pod.Name)
	}
}

func loadError(pod *corev1.Pod, err error) error {
	return fmt.Errorf("load pod %s: %w", pod.Name, err)
}
