package runner

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// resume takes up a run whose plugin died: it counts what was measured before,
// harvests load pods that went on without us, and removes them.
func (x *run) resume(ctx context.Context) error {
	x.outcome.Trials = append(x.outcome.Trials, x.Done...)
	x.outcome.Idle, x.outcome.IdleWindows = x.DoneIdle, x.DoneIdleWindows
	x.serial = len(x.Done)
	left, err := x.leftBehind(ctx)
	if err != nil {
		return err
	}
	for _, pods := range left {
		t, attempt, whole := x.trialOf(pods.pods)
		if whole && !x.isDone(t) {
			result := x.collect(ctx, t, attempt, pods.pods)
			if result.Status == v1alpha1.TrialCompleted || result.Stopped != nil {
				x.outcome.Trials = append(x.outcome.Trials, result)
				index := x.index(t)
				x.Notify(TrialDone{Index: index, Total: max(x.plan.Total(), index+1), Result: result})
				x.meterTrial(ctx, t, result)
			}
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		x.removeAll(ctx, pods.arm, pods.pods)
		if n := len(x.outcome.Trials); n > 0 && x.outcome.Trials[n-1].Stopped != nil {
			last := x.outcome.Trials[n-1]
			return &StoppedError{Stop: *last.Stopped, Message: last.Reason}
		}
	}
	x.repeatInterrupted()
	return nil
}

// repeatInterrupted voids old results of a pair that was cut in two: arms are
// compared within a round and level, minutes apart and not days.
func (x *run) repeatInterrupted() {
	if x.PairedWithin <= 0 {
		return
	}
	for _, planned := range x.plan.Trials {
		if x.isDone(planned) {
			continue
		}
		for i := range x.outcome.Trials {
			t := &x.outcome.Trials[i]
			old := t.Window == nil || time.Since(t.Window.EndedAt) > x.PairedWithin
			if old && t.Status == v1alpha1.TrialCompleted && t.Experiment == planned.Experiment && t.Round == planned.Round &&
				t.Level == planned.Level.ID {
				t.Status = v1alpha1.TrialVoid
				t.Reason = "the run was interrupted before the other arms of this round: repeated with them"
				x.Notify(TrialVoided{Trial: t.ID, Reason: t.Reason})
			}
		}
	}
}

// orphans are the load pods of one trial of a plugin that died.
type orphans struct {
	arm  v1alpha1.Arm
	pods []*corev1.Pod
}

// leftBehind are the run's load pods that are in the cluster, by trial.
func (x *run) leftBehind(ctx context.Context) (map[string]orphans, error) {
	byTrial := map[string]orphans{}
	for i, arm := range x.plan.Arms {
		if x.sharesNamespace(i) {
			continue
		}
		objects, err := x.on(arm).Leftovers(ctx, arm.Namespace, x.plan.Run.ID)
		if err != nil {
			return nil, err
		}
		objects, _ = kube.Ours(objects)
		for _, o := range objects {
			if o.Kind != "pod" {
				continue
			}
			pod, err := x.on(arm).GetPod(ctx, o.Namespace, o.Name)
			if err != nil {
				return nil, err
			}
			if spec, ok := specOf(pod); ok {
				if serial, err := strconv.Atoi(pod.Labels[v1alpha1.LabelTrial]); err == nil {
					x.serial = max(x.serial, serial) // names are not used twice
				}
				byTrial[spec.Trial] = orphans{arm, append(byTrial[spec.Trial].pods, pod)}
			} else if pod != nil && !x.isPlanned(pod) { // a disturbance was stopped in the middle
				if err := remove(ctx, x.on(arm), pod); err != nil {
					return nil, err
				}
			}
		}
	}
	return byTrial, nil
}

// isPlanned reports whether a pod is one of the run's targets.
func (x *run) isPlanned(pod *corev1.Pod) bool {
	return slices.ContainsFunc(x.plan.Objects, func(o workload.ArmObjects) bool {
		return slices.ContainsFunc(o.Targets, func(target *corev1.Pod) bool {
			return target.Namespace == pod.Namespace && target.Name == pod.Name
		})
	})
}

// specOf reads back what a load pod was told to do.
func specOf(pod *corev1.Pod) (wire.LoadSpec, bool) {
	if pod == nil || pod.Labels[v1alpha1.LabelTrial] == "" {
		return wire.LoadSpec{}, false
	}
	// By name: some meshes put their proxy first.
	ours := slices.IndexFunc(pod.Spec.Containers,
		func(c corev1.Container) bool { return c.Name == workload.ContainerName })
	if ours < 0 {
		return wire.LoadSpec{}, false
	}
	var spec wire.LoadSpec
	args := pod.Spec.Containers[ours].Args
	i := slices.Index(args, "--spec")
	if i < 0 || i+1 >= len(args) || json.Unmarshal([]byte(args[i+1]), &spec) != nil {
		return wire.LoadSpec{}, false
	}
	return spec, true
}

// trialOf finds the planned trial that load pods belong to; whole is false if
// some of them are missing.
func (x *run) trialOf(pods []*corev1.Pod) (t plan.Trial, attempt int, whole bool) {
	spec, _ := specOf(pods[0])
	attempt, err := strconv.Atoi(spec.Trial[strings.LastIndex(spec.Trial, "/")+1:])
	if err != nil {
		return plan.Trial{}, 0, false
	}
	for _, t := range x.plan.Trials {
		if t.ID(attempt) == spec.Trial {
			return t, attempt, len(pods) == spec.Clients
		}
	}
	for _, s := range x.plan.Searches {
		if t, ok := s.Find(spec.Trial, attempt, spec.Rate); ok {
			return t, attempt, len(pods) == spec.Clients
		}
	}
	return plan.Trial{}, 0, false
}

// isDone reports whether a planned trial has a result already.
func (x *run) isDone(t plan.Trial) bool {
	return slices.ContainsFunc(x.outcome.Trials, func(have v1alpha1.Trial) bool {
		return have.Status == v1alpha1.TrialCompleted && have.Experiment == t.Experiment && have.Round == t.Round &&
			have.Arm == t.Arm.Name && have.Level == t.Level.ID
	})
}

func (x *run) index(t plan.Trial) int {
	if t.Searched {
		return len(x.plan.Trials) + x.searched() - 1
	}
	return slices.IndexFunc(x.plan.Trials, func(p plan.Trial) bool { return p.ID(1) == t.ID(1) })
}
