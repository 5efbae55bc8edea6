package harness

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// RunRedirector runs a server in a pod of a namespace, behind a Service of that
// name and PrometheusPort, that sends all who ask to another address, and
// returns when it does.
func (h *Harness) RunRedirector(ctx context.Context, namespace, name, to string) error {
	labels := map[string]string{labelApp: name}
	core := h.Clientset.CoreV1()
	pod := h.injectorPod(metav1.ObjectMeta{Name: name, Namespace: namespace, Labels: labels})
	pod.Spec.Volumes = nil
	pod.Spec.Containers[0].VolumeMounts = nil
	pod.Spec.Containers[0].Args = []string{"-listen", ":9090", "-redirect", to}
	pod.Spec.Containers[0].ReadinessProbe.HTTPGet = nil
	pod.Spec.Containers[0].ReadinessProbe.TCPSocket = &corev1.TCPSocketAction{Port: intstr.FromInt32(PrometheusPort)}
	if err := h.Await(ctx, "the namespace takes pods", func(ctx context.Context) (bool, error) {
		_, err := core.Pods(namespace).Create(ctx, pod, metav1.CreateOptions{})
		if isNoAccountYet(err) {
			return false, nil
		}
		return err == nil, err
	}); err != nil {
		return err
	}
	if _, err := core.Services(namespace).Create(ctx, &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       corev1.ServiceSpec{Selector: labels, Ports: []corev1.ServicePort{{Name: "web", Port: PrometheusPort}}},
	}, metav1.CreateOptions{}); err != nil {
		return err
	}
	return h.Await(ctx, "the redirecting server is ready", func(ctx context.Context) (bool, error) {
		now, err := core.Pods(namespace).Get(ctx, name, metav1.GetOptions{})
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
