package preflight

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// refusedByKubelet names the containers that somebody else put into a pod and
// that no kubelet will start: they are to run as root and must not. Admission
// lets such a pod through; it never becomes ready.
func refusedByKubelet(pod *corev1.Pod) []string {
	var refused []string
	for _, part := range []struct {
		word       string
		containers []corev1.Container
	}{{"init container", pod.Spec.InitContainers}, {"container", pod.Spec.Containers}} {
		for _, c := range part.containers {
			if c.Name == workload.ContainerName {
				continue
			}
			nonRoot, user := rootRules(pod.Spec.SecurityContext, c.SecurityContext)
			if nonRoot && user != nil && *user == 0 {
				refused = append(refused,
					fmt.Sprintf("%s %s has runAsUser 0 under runAsNonRoot: true", part.word, c.Name))
			}
		}
	}
	return refused
}

// rootRules are those that hold for a container: its own before the pod's.
// Without a user the image says it, which does not show here.
func rootRules(pod *corev1.PodSecurityContext, own *corev1.SecurityContext) (nonRoot bool, user *int64) {
	if pod != nil {
		nonRoot, user = pod.RunAsNonRoot != nil && *pod.RunAsNonRoot, pod.RunAsUser
	}
	if own == nil {
		return nonRoot, user
	}
	if own.RunAsNonRoot != nil {
		nonRoot = *own.RunAsNonRoot
	}
	if own.RunAsUser != nil {
		user = own.RunAsUser
	}
	return nonRoot, user
}
