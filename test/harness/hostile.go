package harness

import (
	"context"
	"maps"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// RunImpostor runs a pod with a target's labels and ports that answers in its place.
// It is on another node, from which it would keep load pods if those were placed by
// the targets' labels; it returns when it would be sent requests.
func (h *Harness) RunImpostor(ctx context.Context, target *corev1.Pod) (*corev1.Pod, error) {
	pod := h.hostilePod(metav1.ObjectMeta{Name: "impostor", Namespace: target.Namespace,
		Labels: maps.Clone(target.Labels)},
		"-impersonate")
	// It names its node itself: schedulers keep anti-affinity both ways, and would not
	// place it where a load pod is already.
	nodes, err := h.Clientset.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	for _, node := range nodes.Items {
		if node.Name != target.Spec.NodeName {
			pod.Spec.NodeName = node.Name
		}
	}
	container := &pod.Spec.Containers[0]
	for _, c := range target.Spec.Containers {
		container.Ports = append(container.Ports, c.Ports...)
	}
	container.ReadinessProbe = &corev1.Probe{PeriodSeconds: 1,
		ProbeHandler: corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{
			Port: intstr.FromInt32(container.Ports[0].ContainerPort)}}}
	return pod, h.createReady(ctx, pod)
}

// RunFlood runs a pod that asks an address as fast as it can.
func (h *Harness) RunFlood(ctx context.Context, namespace, address string) error {
	return h.createReady(ctx, h.hostilePod(metav1.ObjectMeta{Name: "flood", Namespace: namespace}, "-flood", address))
}

func (h *Harness) hostilePod(meta metav1.ObjectMeta, args ...string) *corev1.Pod {
	pod := h.injectorPod(meta)
	pod.Spec.Volumes = nil
	container := &pod.Spec.Containers[0]
	container.VolumeMounts, container.ReadinessProbe, container.Args = nil, nil, args
	return pod
}

// createReady creates a pod once its namespace takes pods, and waits for it.
func (h *Harness) createReady(ctx context.Context, pod *corev1.Pod) error {
	core := h.Clientset.CoreV1()
	if err := h.Await(ctx, "the namespace takes pods", func(ctx context.Context) (bool, error) {
		_, err := core.Pods(pod.Namespace).Create(ctx, pod, metav1.CreateOptions{})
		if isNoAccountYet(err) {
			return false, nil
		}
		return err == nil, err
	}); err != nil {
		return err
	}
	return h.Await(ctx, "pod "+pod.Name+" is ready", func(ctx context.Context) (bool, error) {
		now, err := core.Pods(pod.Namespace).Get(ctx, pod.Name, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		for _, c := range now.Status.Conditions {
			if c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue {
				return true, nil
			}
		}
		return false, nil
	})
}
