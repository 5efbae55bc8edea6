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
	pod := h.hostilePod(metav1.ObjectMeta{Name: name, Namespace: namespace, Labels: labels}, "-listen", ":9090",
		"-redirect", to)
	pod.Spec.Containers[0].ReadinessProbe = &corev1.Probe{PeriodSeconds: 1,
		ProbeHandler: corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromInt32(PrometheusPort)}}}
	if _, err := h.Clientset.CoreV1().Services(namespace).Create(ctx, &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       corev1.ServiceSpec{Selector: labels, Ports: []corev1.ServicePort{{Name: "web", Port: PrometheusPort}}},
	}, metav1.CreateOptions{}); err != nil {
		return err
	}
	return h.createReady(ctx, pod)
}
