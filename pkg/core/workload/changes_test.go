package workload

import (
	"reflect"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

func TestWhatOthersMakeOfOurContainerIsSeen(t *testing.T) {
	asked := pods(t, 1)[0]
	given := asked.DeepCopy()
	given.Spec.Containers = append([]corev1.Container{{Name: "proxy"}}, given.Spec.Containers...)
	if same := Changes(asked, given); len(same) > 0 {
		t.Errorf("a container beside ours is a change of it: %v", same)
	}
	ours := &given.Spec.Containers[1]
	ours.Image = "mirror.example/worker:1"
	ours.Resources.Requests[corev1.ResourceCPU] = resource.MustParse("500m")
	ours.Resources.Limits[corev1.ResourceMemory] = resource.MustParse("131072Ki") // as much as before
	ours.Resources.Limits[corev1.ResourceEphemeralStorage] = resource.MustParse("1Gi")
	ours.Env = append(ours.Env, corev1.EnvVar{Name: "HTTP_PROXY", Value: "x"})
	sandbox := "gvisor"
	given.Spec.RuntimeClassName = &sandbox
	want := []v1alpha1.Change{
		{Field: "image", Asked: "worker:1", Given: "mirror.example/worker:1"},
		{Field: "runtimeClassName", Asked: "none", Given: "gvisor"},
		{Field: "env", Asked: "", Given: "HTTP_PROXY"},
		{Field: "requests.cpu", Asked: "250m", Given: "500m"},
		{Field: "limits.ephemeral-storage", Asked: "none", Given: "1Gi"},
	}
	if got := Changes(asked, given); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if unknown := Changes(nil, given); unknown != nil {
		t.Errorf("%+v of what nobody asked for", unknown)
	}
}
