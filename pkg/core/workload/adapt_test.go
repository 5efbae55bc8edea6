package workload

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
)

func TestPodsCarryWhatIsAskedForAndOurOwnStays(t *testing.T) {
	storage := v1alpha1.MustQuantity("1Gi")
	plain := v1alpha1.Arm{Name: "plain", Namespace: "a"}
	meshed := v1alpha1.Arm{Name: "with-mesh", Namespace: "b"}
	run := Run{ID: "r1", Image: "worker:1", Lifetime: time.Hour,
		Addressing: map[string]mesh.Addressing{meshed.Name: {PodLabels: map[string]string{"team": "mesh's", "mesh": "m"}}},
		Pods: &v1alpha1.Pods{
			Labels:           map[string]string{"team": "ours", v1alpha1.LabelRunID: "other"},
			Annotations:      map[string]string{"note": "x"},
			Arms:             map[string]v1alpha1.PodMarks{meshed.Name: {Labels: map[string]string{"inject": "true"}}},
			Tolerations:      []v1alpha1.Toleration{{Key: "dedicated", Operator: "Exists"}},
			NodeSelector:     map[string]string{"pool": "bench", corev1.LabelOSStable: "windows"},
			RuntimeClassName: "kata", PriorityClassName: "batch", ServiceAccountName: "bench",
			ImagePullSecrets: []string{"registry"}, EphemeralStorage: &storage,
			Resources: map[string]v1alpha1.Quantity{"example.com/card": v1alpha1.MustQuantity("1")},
		}}
	for _, arm := range []v1alpha1.Arm{plain, meshed} {
		loads, err := LoadPods(run, Load{Arm: arm, Size: size(), Level: v1alpha1.Level{Clients: 1, Connections: 1,
			Protocol: v1alpha1.ProtocolHTTP1}})
		if err != nil {
			t.Fatal(err)
		}
		for _, pod := range append(loads, ForArm(run, arm, plain, size()).Targets[0]) {
			spec, own := pod.Spec, pod.Spec.Containers[0].Resources
			for _, check := range []struct {
				what string
				ok   bool
			}{
				{"labels", pod.Labels["team"] == "ours" && pod.Labels[v1alpha1.LabelRunID] == "r1"},
				{"annotations", pod.Annotations["note"] == "x" && pod.Annotations["karpenter.sh/do-not-disrupt"] == "true"},
				{"the arm's own", (pod.Labels["inject"] == "true") == (arm.Name == meshed.Name)},
				{"the mesh's", (pod.Labels["mesh"] == "m") == (arm.Name == meshed.Name)},
				{"tolerations", len(spec.Tolerations) == 1},
				{"node selector", spec.NodeSelector["pool"] == "bench" && spec.NodeSelector[corev1.LabelOSStable] == "linux"},
				{"classes", *spec.RuntimeClassName == "kata" && spec.PriorityClassName == "batch"},
				{"account", spec.ServiceAccountName == "bench" && !*spec.AutomountServiceAccountToken},
				{"secrets", len(spec.ImagePullSecrets) == 1},
				{"storage", own.Requests.StorageEphemeral().Cmp(storage.Quantity) == 0 &&
					own.Limits.StorageEphemeral().Cmp(storage.Quantity) == 0},
				{"extended", own.Requests.Name("example.com/card", resource.DecimalSI).Value() == 1 &&
					own.Limits.Name("example.com/card", resource.DecimalSI).Value() == 1},
			} {
				if !check.ok {
					t.Errorf("%s of arm %s: %s are not as asked for: %+v", pod.Name, arm.Name, check.what, pod)
				}
			}
		}
	}
}
