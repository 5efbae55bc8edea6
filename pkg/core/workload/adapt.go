package workload

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// adapt gives a pod what the experiments want of all pods, and what they want of
// an arm's. Our own keys stay as they are; the arm's mesh comes after.
func adapt(pod *corev1.Pod, wanted *v1alpha1.Pods, arm v1alpha1.Arm) {
	if wanted == nil {
		return
	}
	marks := wanted.Marks(arm.Name)
	add(pod.Labels, marks.Labels)
	add(pod.Annotations, marks.Annotations)
	add(pod.Spec.NodeSelector, wanted.NodeSelector)
	for _, t := range wanted.Tolerations {
		pod.Spec.Tolerations = append(pod.Spec.Tolerations, corev1.Toleration{
			Key: t.Key, Operator: corev1.TolerationOperator(t.Operator), Value: t.Value, Effect: corev1.TaintEffect(t.Effect)})
	}
	pod.Spec.PriorityClassName = wanted.PriorityClassName
	pod.Spec.ServiceAccountName = wanted.ServiceAccountName
	if wanted.RuntimeClassName != "" {
		pod.Spec.RuntimeClassName = &wanted.RuntimeClassName
	}
	for _, name := range wanted.ImagePullSecrets {
		pod.Spec.ImagePullSecrets = append(pod.Spec.ImagePullSecrets, corev1.LocalObjectReference{Name: name})
	}
	ours := pod.Spec.Containers[0].Resources
	for _, list := range []corev1.ResourceList{ours.Requests, ours.Limits} {
		if wanted.EphemeralStorage != nil {
			list[corev1.ResourceEphemeralStorage] = wanted.EphemeralStorage.Quantity
		}
		for name, amount := range wanted.Resources {
			list[corev1.ResourceName(name)] = amount.Quantity
		}
	}
}
