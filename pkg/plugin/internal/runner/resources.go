package runner

import (
	"context"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// resources is what load pods, target and their nodes used in a window, as the
// workers saw it.
func (x *run) resources(ctx context.Context, window v1alpha1.Window, harvests []harvest,
	targets watches) *v1alpha1.Resources {
	var readings []resource.PodReading
	for _, h := range harvests {
		p := podReading(h.pod, v1alpha1.SideClient)
		p.Usages = h.usages
		if targets.live() {
			p.Ahead = h.ahead
		}
		readings = append(readings, p)
	}
	for _, target := range targets {
		if p, ok := target.reading(ctx, window); ok {
			readings = append(readings, p)
		}
	}
	if len(readings) == 0 {
		return nil
	}
	r := resource.Possible(resource.InPod(window, readings), window)
	return &r
}

// reading is what a target's worker saw in a window; ok is false if the pod is gone.
func (w *watch) reading(ctx context.Context, window v1alpha1.Window) (p resource.PodReading, ok bool) {
	pod := w.targetPod(ctx)
	if pod == nil {
		return p, false
	}
	p = podReading(pod, v1alpha1.SideServer)
	w.addInstances(&p)
	usages, ahead, err := w.until(ctx, window.EndedAt)
	p.Usages = usages
	if w.live {
		p.Ahead = ahead
	}
	if err != nil {
		p.Lost = err.Error()
	}
	return p, true
}

// podReading knows a pod's containers by name and id. Init containers that ended
// before the worker began are not on any request's way.
func podReading(pod *corev1.Pod, side v1alpha1.Side) resource.PodReading {
	p := resource.PodReading{Namespace: pod.Namespace, Pod: pod.Name, Node: pod.Spec.NodeName, Side: side}
	sidecars := map[string]bool{}
	for _, c := range pod.Spec.InitContainers {
		sidecars[c.Name] = c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
	}
	for _, s := range pod.Status.InitContainerStatuses {
		if sidecars[s.Name] {
			p.Containers = append(p.Containers, podContainer(s, pod.Spec.InitContainers))
		}
	}
	for _, s := range pod.Status.ContainerStatuses {
		p.Containers = append(p.Containers, podContainer(s, pod.Spec.Containers))
	}
	return p
}

func podContainer(s corev1.ContainerStatus, specs []corev1.Container) resource.PodContainer {
	c := resource.PodContainer{Name: s.Name, Own: s.Name == workload.ContainerName, Part: v1alpha1.PartProxy}
	if c.Own {
		c.Part = v1alpha1.PartApplication
	}
	ids := []string{s.ContainerID}
	if s.State.Running != nil && s.RestartCount > 0 {
		c.Restarts = append(c.Restarts, s.State.Running.StartedAt.Time)
	}
	for _, ended := range []*corev1.ContainerStateTerminated{s.State.Terminated, s.LastTerminationState.Terminated} {
		if ended != nil {
			ids = append(ids, ended.ContainerID)
			c.Restarts = append(c.Restarts, ended.FinishedAt.Time)
		}
	}
	for _, id := range ids {
		if _, bare, ok := strings.Cut(id, "://"); ok && bare != "" {
			c.IDs = append(c.IDs, bare)
		}
	}
	for _, spec := range specs {
		if spec.Name == s.Name {
			if limit, ok := spec.Resources.Limits[corev1.ResourceCPU]; ok {
				cores := limit.AsApproximateFloat64()
				c.LimitCores = &cores
			}
		}
	}
	return c
}
