package harness

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// webConfig is a stock nginx: /health is well, /private with the right token, and
// /limited answers 20 requests a second and fails all beyond.
const webConfig = `daemon off;
pid /dev/shm/nginx.pid;
error_log stderr crit;
events {}
http {
    access_log off;
    client_body_temp_path /dev/shm/body;
    proxy_temp_path /dev/shm/proxy;
    fastcgi_temp_path /dev/shm/fastcgi;
    uwsgi_temp_path /dev/shm/uwsgi;
    scgi_temp_path /dev/shm/scgi;
    limit_req_zone $server_port zone=one:1m rate=20r/s;
    server {
        listen 18080;
        location = /health { return 200 "all is well\n"; }
        location = /private {
            if ($http_authorization != "%s") { return 403; }
            return 200 "all is well\n";
        }
        location = /limited { limit_req zone=one; alias /web/answer; }
    }
}
`

// RunWeb runs two stock nginx in pods of a namespace, behind a Service of that name at
// port http, and returns when both serve. Secret "token" holds what /private asks for.
func (h *Harness) RunWeb(ctx context.Context, namespace, name, token string) error {
	core, labels := h.Clientset.CoreV1(), map[string]string{labelApp: name}
	meta := metav1.ObjectMeta{Name: name}
	if _, err := core.Secrets(namespace).Create(ctx, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "token"},
		StringData: map[string]string{"value": token}}, metav1.CreateOptions{}); err != nil {
		return err
	}
	if _, err := core.ConfigMaps(namespace).Create(ctx, &corev1.ConfigMap{ObjectMeta: meta, Data: map[string]string{
		"nginx.conf": fmt.Sprintf(webConfig, token), "answer": "all is well\n"}}, metav1.CreateOptions{}); err != nil {
		return err
	}
	if _, err := core.Services(namespace).Create(ctx, &corev1.Service{ObjectMeta: meta, Spec: corev1.ServiceSpec{
		Selector: labels, Ports: []corev1.ServicePort{{Name: "http", Port: 80, TargetPort: intstr.FromInt32(18080)}}},
	}, metav1.CreateOptions{}); err != nil {
		return err
	}
	for i := range 2 {
		pod := h.hostilePod(metav1.ObjectMeta{Name: fmt.Sprintf("%s-%d", name, i), Namespace: namespace, Labels: labels})
		pod.Spec.Volumes = []corev1.Volume{{Name: "web", VolumeSource: corev1.VolumeSource{
			ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: name}}}}}
		c := &pod.Spec.Containers[0]
		c.Image, c.Command, c.Args = h.NginxImage, nil, []string{"-c", "/web/nginx.conf"}
		c.VolumeMounts = []corev1.VolumeMount{{Name: "web", MountPath: "/web", ReadOnly: true}}
		c.ReadinessProbe = &corev1.Probe{PeriodSeconds: 1, ProbeHandler: corev1.ProbeHandler{
			HTTPGet: &corev1.HTTPGetAction{Path: "/health", Port: intstr.FromInt32(18080)}}}
		if err := h.createReady(ctx, pod); err != nil {
			return err
		}
	}
	return nil
}

// Annotate puts an annotation on a Service.
func (h *Harness) Annotate(ctx context.Context, namespace, service, key, value string) error {
	patch := fmt.Sprintf(`{"metadata":{"annotations":{%q:%q}}}`, key, value)
	_, err := h.Clientset.CoreV1().Services(namespace).Patch(ctx, service, types.MergePatchType, []byte(patch),
		metav1.PatchOptions{})
	return err
}
