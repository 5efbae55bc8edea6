package runner

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// Istio's holdApplicationUntilProxyStarts puts its proxy before our container.
func TestALoadPodIsReadWhereverItsContainerStands(t *testing.T) {
	ours := corev1.Container{Name: workload.ContainerName, Args: []string{"load", "--spec", `{"trial":"exp1/1/-/a/1"}`}}
	proxy := corev1.Container{Name: "istio-proxy", Args: []string{"proxy", "sidecar"}}
	for _, c := range []struct {
		containers []corev1.Container
		want       bool
	}{
		{[]corev1.Container{ours, proxy}, true},
		{[]corev1.Container{proxy, ours}, true},
		{[]corev1.Container{proxy}, false},
		{nil, false},
	} {
		pod := &corev1.Pod{Spec: corev1.PodSpec{Containers: c.containers}}
		pod.Labels = map[string]string{v1alpha1.LabelTrial: "1"}
		spec, ok := specOf(pod)
		if ok != c.want || ok && spec.Trial != "exp1/1/-/a/1" {
			t.Errorf("%d containers: trial %q, %v, want %v", len(c.containers), spec.Trial, ok, c.want)
		}
	}
}
