package harness

import (
	"context"
	"fmt"
	"net"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// PrometheusPort is that of the Service of a Prometheus in the cluster.
const PrometheusPort = 9090

const serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount"

// RunPrometheus runs a real Prometheus in a pod of a namespace, behind a Service
// of that name. It scrapes every kubelet's cAdvisor through the API server, which
// the namespace's service accounts must be allowed to, and has done so when this
// returns.
func (h *Harness) RunPrometheus(ctx context.Context, namespace, name string) error {
	nodes, err := h.Clientset.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	core := h.Clientset.CoreV1()
	_, err = core.ConfigMaps(namespace).Create(ctx, &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string]string{"prometheus.yml": scrapeConfig(nodes.Items)},
	}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("configure Prometheus: %w", err)
	}
	labels := map[string]string{"app": name}
	_, err = core.Services(namespace).Create(ctx, &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       corev1.ServiceSpec{Selector: labels, Ports: []corev1.ServicePort{{Name: "web", Port: PrometheusPort}}},
	}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("make Prometheus' service: %w", err)
	}
	yes, no := true, false
	_, err = core.Pods(namespace).Create(ctx, &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels},
		Spec: corev1.PodSpec{
			SecurityContext: &corev1.PodSecurityContext{RunAsNonRoot: &yes,
				SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}},
			Containers: []corev1.Container{{
				Name: "prometheus", Image: h.PrometheusImage, ImagePullPolicy: corev1.PullNever,
				SecurityContext: &corev1.SecurityContext{AllowPrivilegeEscalation: &no,
					Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}},
				Args: []string{"--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/data",
					fmt.Sprintf("--web.listen-address=:%d", PrometheusPort)},
				VolumeMounts: []corev1.VolumeMount{
					{Name: "config", MountPath: "/etc/prometheus"}, {Name: "data", MountPath: "/data"},
				},
				ReadinessProbe: &corev1.Probe{PeriodSeconds: 1,
					ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/-/ready",
						Port: intstr.FromInt32(PrometheusPort)}}},
			}},
			Volumes: []corev1.Volume{
				{Name: "config",
					VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
						LocalObjectReference: corev1.LocalObjectReference{Name: name}}}},
				{Name: "data", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
			},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("run Prometheus: %w", err)
	}
	all := map[string]string{"query": fmt.Sprintf("sum(up)>=%d", len(nodes.Items))}
	return h.Await(ctx, "Prometheus has scraped every kubelet", func(ctx context.Context) (bool, error) {
		said, err := core.Services(namespace).ProxyGet("", name, fmt.Sprint(PrometheusPort), "/api/v1/query", all).DoRaw(ctx)
		return err == nil && strings.Contains(string(said), `"value"`), nil
	})
}

// scrapeConfig stores what kube-prometheus-stack stores by default: labels that
// name no node, and no row of a control group that is no pod's, the node's own
// among them (kubelet.serviceMonitor.cAdvisorMetricRelabelings of its chart).
func scrapeConfig(nodes []corev1.Node) string {
	var text strings.Builder
	text.WriteString("global: {scrape_interval: 2s}\nscrape_configs:\n")
	for _, node := range nodes {
		fmt.Fprintf(&text, `- job_name: %[1]s
  scheme: https
  metrics_path: /api/v1/nodes/%[1]s/proxy/metrics/cadvisor
  tls_config: {ca_file: %[2]s/ca.crt}
  authorization: {credentials_file: %[2]s/token}
  static_configs: [{targets: ["kubernetes.default.svc:443"]}]
  relabel_configs:
  - {target_label: job, replacement: kubelet}
  - {target_label: metrics_path, replacement: /metrics/cadvisor}
  - {target_label: instance, replacement: '%[3]s'}
  metric_relabel_configs:
  - source_labels: [__name__]
    action: drop
    regex: 'container_cpu_(cfs_throttled_seconds_total|load_average_10s|system_seconds_total|user_seconds_total)'
  - {source_labels: [__name__], action: drop, regex: 'container_memory_(mapped_file|swap)'}
  - {source_labels: [__name__], action: drop, regex: 'container_(file_descriptors|tasks_state|threads_max)'}
  - {source_labels: [__name__], action: drop, regex: 'container_spec.*'}
  - {source_labels: [id, pod], action: drop, regex: '.+;'}
`, node.Name, serviceAccount, kubeletOf(node))
	}
	return text.String()
}

// kubeletOf is the address of a node's kubelet.
func kubeletOf(node corev1.Node) string {
	for _, a := range node.Status.Addresses {
		if a.Type == corev1.NodeInternalIP {
			return net.JoinHostPort(a.Address, "10250")
		}
	}
	return node.Name
}
