package capacity

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestNodesOnDemandAreToldByTheirMarks(t *testing.T) {
	for _, c := range []struct {
		name   string
		labels map[string]string
		want   string
	}{
		{"ip-10-0-0-1", map[string]string{"karpenter.sh/nodepool": "default"}, "karpenter.sh/nodepool"},
		{"ip-10-0-0-2", map[string]string{"eks.amazonaws.com/compute-type": "auto"}, "compute-type"},
		{"fargate-ip-10-0-0-2", map[string]string{"eks.amazonaws.com/compute-type": "fargate"}, ""},
		{"gk3-pool-1-abc", nil, "Autopilot"},
		{"gke-pool-1-abc", map[string]string{"cloud.google.com/gke-nodepool": "pool-1"}, ""},
	} {
		n := corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: c.name, Labels: c.labels}}
		if got := OnDemand([]corev1.Node{{}, n}); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
