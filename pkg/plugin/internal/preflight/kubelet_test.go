package preflight

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// Kuma's init container sets runAsUser 0 and nothing else: under a pod's
// runAsNonRoot the kubelet refuses it, and admission does not.
func TestAContainerThatTheKubeletWillRefuseIsNamed(t *testing.T) {
	yes, no, root, user := true, false, int64(0), int64(5678)
	for _, c := range []struct {
		name string
		pod  *corev1.PodSecurityContext
		init *corev1.SecurityContext
		want string
	}{
		{"as Kuma's, under our pods' context", nil, &corev1.SecurityContext{RunAsUser: &root}, ""},
		{"as Kuma's, under a pod's", &corev1.PodSecurityContext{RunAsNonRoot: &yes},
			&corev1.SecurityContext{RunAsUser: &root}, "init container kuma-init has runAsUser 0 under runAsNonRoot: true"},
		{"as Istio's, which overrides", &corev1.PodSecurityContext{RunAsNonRoot: &yes},
			&corev1.SecurityContext{RunAsUser: &root, RunAsNonRoot: &no}, ""},
		{"another user", &corev1.PodSecurityContext{RunAsNonRoot: &yes}, &corev1.SecurityContext{RunAsUser: &user}, ""},
		{"the pod's user", &corev1.PodSecurityContext{RunAsNonRoot: &yes, RunAsUser: &root}, nil, "kuma-init"},
		{"the image says it", &corev1.PodSecurityContext{RunAsNonRoot: &yes}, nil, ""},
	} {
		pod := &corev1.Pod{Spec: corev1.PodSpec{
			SecurityContext: c.pod,
			InitContainers:  []corev1.Container{{Name: "kuma-init", SecurityContext: c.init}},
			Containers:      []corev1.Container{{Name: workload.ContainerName}},
		}}
		got := strings.Join(refusedByKubelet(pod), "; ")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
