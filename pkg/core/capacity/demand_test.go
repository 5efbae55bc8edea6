package capacity

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

func TestDemandIsThatOfTheScheduler(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	of := func(cpu string) corev1.Container {
		asked := corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu)}
		return corev1.Container{Resources: corev1.ResourceRequirements{Requests: asked}}
	}
	sidecar := of("200m")
	sidecar.RestartPolicy = &always
	for _, c := range []struct {
		init, main []corev1.Container
		want       string
	}{
		{nil, []corev1.Container{of("100m"), of("50m")}, "150m"},
		{[]corev1.Container{of("1")}, []corev1.Container{of("100m")}, "1"},
		{[]corev1.Container{sidecar}, []corev1.Container{of("100m")}, "300m"},
		{[]corev1.Container{sidecar, of("1")}, []corev1.Container{of("100m")}, "1200m"},
		{[]corev1.Container{of("1"), sidecar}, []corev1.Container{of("100m")}, "1"},
	} {
		d := Of(&corev1.Pod{Spec: corev1.PodSpec{InitContainers: c.init, Containers: c.main}})
		if got := d.Requests[corev1.ResourceCPU]; got.Cmp(resource.MustParse(c.want)) != 0 {
			t.Errorf("%d init and %d other containers demand %s, want %s", len(c.init), len(c.main), got.String(), c.want)
		}
	}
}
