package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// errDeleted says that somebody else took a pod of ours away.
var errDeleted = errors.New("the pod was deleted by somebody else")

// awaitPod waits until a pod reaches a state, or can no longer do so. The error
// says in the kubelet's or scheduler's own words what it was waiting for.
func (x *run) awaitPod(ctx context.Context, on Cluster, namespace, name string, limit time.Duration,
	reached func(*corev1.Pod) bool) (*corev1.Pod, error) {
	waiting := "it was not seen by a kubelet"
	ctx, giveUp := context.WithCancelCause(ctx)
	patience := x.patience(on, limit, giveUp)
	defer patience.stop()
	defer giveUp(nil)
	var last *corev1.Pod
	err := on.WaitPod(ctx, namespace, name, func(pod *corev1.Pod) (bool, error) {
		if pod == nil {
			return false, errDeleted
		}
		last = pod
		if reached(pod) {
			return true, nil
		}
		if isOver(pod) {
			return false, errors.New(whyOver(pod))
		}
		state, fatal := whyWaiting(pod)
		if state != "" {
			waiting = state
		}
		if fatal {
			return false, errors.New(state)
		}
		patience.see(ctx, pod)
		return false, nil
	})
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("%s (%w)", waiting, err)
	}
	return last, err
}

// remove deletes a pod and waits until it is gone.
func remove(ctx context.Context, on Pods, pod *corev1.Pod) error {
	if err := on.DeletePod(ctx, pod.Namespace, pod.Name, pod.UID); err != nil {
		return err
	}
	ctx, stop := context.WithTimeoutCause(ctx, cleanupLimit, errors.New("it does not end"))
	defer stop()
	return on.WaitPod(ctx, pod.Namespace, pod.Name, func(p *corev1.Pod) (bool, error) {
		return p == nil || p.UID != pod.UID, nil
	})
}

func isReady(pod *corev1.Pod) bool {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

func isUnschedulable(pod *corev1.Pod) bool {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse && c.Reason == corev1.PodReasonUnschedulable {
			return true
		}
	}
	return false
}

// hasStarted reports whether the worker runs or has run, whatever the other
// containers of the pod do.
func hasStarted(pod *corev1.Pod) bool {
	s := worker(pod)
	return s != nil && (s.State.Running != nil || s.State.Terminated != nil)
}

func isOver(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded
}

// hasEnded is isOver for the worker: a sidecar beside it may go on for ever.
func hasEnded(pod *corev1.Pod) bool {
	s := worker(pod)
	return isOver(pod) || s != nil && s.State.Terminated != nil
}

// isTaken reports whether somebody else has taken a pod of ours away, or is
// about to; current is nil if there is none.
func isTaken(pod, current *corev1.Pod) bool {
	return current == nil || current.UID != pod.UID || current.DeletionTimestamp != nil
}

func whyOver(pod *corev1.Pod) string {
	if pod.Status.Reason != "" {
		return fmt.Sprintf("the pod ended: %s: %s", pod.Status.Reason, pod.Status.Message)
	}
	if s := worker(pod); s != nil && s.State.Terminated != nil {
		return fmt.Sprintf("the worker ended: %s, exit code %d", s.State.Terminated.Reason, s.State.Terminated.ExitCode)
	}
	return fmt.Sprintf("the pod ended in phase %s", pod.Status.Phase)
}

// pullAdvice is for whoever wonders where a node gets an image from.
const pullAdvice = "'kubectl meshbench images --help' says how nodes come by the worker's image; " +
	"--image names it, --image-pull-secret is for a registry that asks who pulls"

// whyWaiting says what keeps a pod, and whether it would wait in vain.
func whyWaiting(pod *corev1.Pod) (state string, fatal bool) {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			return "no node takes it: " + c.Message, false
		}
	}
	statuses := append(append([]corev1.ContainerStatus(nil), pod.Status.InitContainerStatuses...),
		pod.Status.ContainerStatuses...)
	for _, s := range statuses {
		w := s.State.Waiting
		if w == nil || w.Reason == "ContainerCreating" || w.Reason == "PodInitializing" {
			continue
		}
		state = fmt.Sprintf("container %s: %s: %s", s.Name, w.Reason, w.Message)
		switch w.Reason {
		case "ErrImageNeverPull", "InvalidImageName", "ImagePullBackOff":
			return state + " (" + pullAdvice + ")", true
		case "CreateContainerConfigError":
			return state, true
		}
		return state, false
	}
	return "", false
}

func worker(pod *corev1.Pod) *corev1.ContainerStatus {
	for i := range pod.Status.ContainerStatuses {
		if pod.Status.ContainerStatuses[i].Name == workload.ContainerName {
			return &pod.Status.ContainerStatuses[i]
		}
	}
	return nil
}

// ask remembers a pod as we make it.
func (x *run) ask(pod *corev1.Pod) { x.asked[pod.Namespace+"/"+pod.Name] = pod }

// record keeps what a report needs of a pod.
func (x *run) record(pod *corev1.Pod) *v1alpha1.Pod {
	out := &v1alpha1.Pod{Name: pod.Name, Node: pod.Spec.NodeName, QOS: string(pod.Status.QOSClass)}
	out.Mesh = x.Meshes.Observe(pod, workload.ContainerName)
	out.Changed = workload.Changes(x.asked[pod.Namespace+"/"+pod.Name], pod)
	add := func(statuses []corev1.ContainerStatus, init bool) {
		for _, s := range statuses {
			out.Containers = append(out.Containers, v1alpha1.Container{
				Name: s.Name, Image: s.Image, ImageID: s.ImageID, Init: init,
				Restarts: s.RestartCount, Injected: init || s.Name != workload.ContainerName,
			})
		}
	}
	add(pod.Status.InitContainerStatuses, true)
	add(pod.Status.ContainerStatuses, false)
	return out
}
