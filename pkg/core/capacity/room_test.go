package capacity

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func node(name string, edit func(*corev1.Node)) corev1.Node {
	n := corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{corev1.LabelOSStable: "linux"}},
		Status: corev1.NodeStatus{Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}}}
	if edit != nil {
		edit(&n)
	}
	return n
}

func TestNodesThatPodsMayNotGoToHaveNoRoom(t *testing.T) {
	tainted := func(n *corev1.Node) {
		n.Spec.Taints = []corev1.Taint{{Key: "dedicated", Value: "mesh", Effect: corev1.TaintEffectNoSchedule}}
	}
	label := func(key, value string) func(*corev1.Node) { return func(n *corev1.Node) { n.Labels[key] = value } }
	tolerant := Choosy{Tolerations: []corev1.Toleration{{Key: "dedicated", Value: "mesh"}}}
	for name, c := range map[string]struct {
		node corev1.Node
		by   Choosy
		free bool
	}{
		"plain":              {node("n", nil), Choosy{}, true},
		"tainted":            {node("n", tainted), Choosy{}, false},
		"tainted, tolerated": {node("n", tainted), tolerant, true},
		"another value tolerated": {node("n", tainted),
			Choosy{Tolerations: []corev1.Toleration{{Key: "dedicated", Value: "x"}}}, false},
		"another effect tolerated": {node("n", tainted),
			Choosy{Tolerations: []corev1.Toleration{{Key: "dedicated", Operator: "Exists", Effect: "NoExecute"}}}, false},
		"windows":                {node("n", label(corev1.LabelOSStable, "windows")), Choosy{}, false},
		"virtual-kubelet":        {node("n", label("type", "virtual-kubelet")), Choosy{}, false},
		"fargate":                {node("n", label("eks.amazonaws.com/compute-type", "fargate")), Choosy{}, false},
		"without the selector's": {node("n", nil), Choosy{Selector: map[string]string{"pool": "bench"}}, false},
		"with the selector's labels": {node("n", label("pool", "bench")),
			Choosy{Selector: map[string]string{"pool": "bench"}}, true},
	} {
		if got := len(Free([]corev1.Node{c.node}, nil, c.by)) == 1; got != c.free {
			t.Errorf("%s: free %v, want %v", name, got, c.free)
		}
	}
	taints := Taints([]corev1.Node{node("a", tainted), node("b", tainted)}, Choosy{})
	if len(taints) != 1 || taints[0].String() != "dedicated=mesh:NoSchedule (2 nodes)" {
		t.Errorf("taints are %v", taints)
	}
	if unfit := Unfit([]corev1.Node{node("a", label("type", "virtual-kubelet")), node("b", nil)},
		Choosy{}); len(unfit) != 1 ||
		!strings.HasPrefix(unfit[0], "1 of 2 virtual") {
		t.Errorf("unfit are %v", unfit)
	}
}

func TestQuotasCountWhatPodsAskFor(t *testing.T) {
	list := func(pairs ...string) corev1.ResourceList {
		out := corev1.ResourceList{}
		for i := 0; i < len(pairs); i += 2 {
			out[corev1.ResourceName(pairs[i])] = resource.MustParse(pairs[i+1])
		}
		return out
	}
	need := Demand{Pods: 2, Services: 3, ConfigMaps: 1,
		Requests: list("cpu", "1", "ephemeral-storage", "2Gi", "example.com/card", "4"),
		Limits:   list("ephemeral-storage", "2Gi")}
	quota := func(scope *corev1.ScopedResourceSelectorRequirement, hard ...string) corev1.ResourceQuota {
		q := corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "q"},
			Status: corev1.ResourceQuotaStatus{Hard: list(hard...)}}
		if scope != nil {
			q.Spec.ScopeSelector = &corev1.ScopeSelector{MatchExpressions: []corev1.ScopedResourceSelectorRequirement{*scope}}
		}
		return q
	}
	in := func(op corev1.ScopeSelectorOperator, values ...string) *corev1.ScopedResourceSelectorRequirement {
		return &corev1.ScopedResourceSelectorRequirement{ScopeName: corev1.ResourceQuotaScopePriorityClass, Operator: op,
			Values: values}
	}
	for name, c := range map[string]struct {
		quota    corev1.ResourceQuota
		priority string
		short    int
	}{
		"ephemeral storage": {quota(nil, "requests.ephemeral-storage", "1Gi", "limits.ephemeral-storage", "1Gi"), "",
			2},
		"an extended resource":       {quota(nil, "requests.example.com/card", "3"), "", 1},
		"enough of it":               {quota(nil, "requests.example.com/card", "4"), "", 0},
		"a Service per protocol":     {quota(nil, "services", "2"), "", 1},
		"of another priority":        {quota(in("In", "high"), "pods", "0"), "batch", 0},
		"of our priority":            {quota(in("In", "batch"), "pods", "0"), "batch", 1},
		"of any priority":            {quota(in("Exists"), "pods", "0"), "batch", 1},
		"of any priority, ours none": {quota(in("Exists"), "pods", "0"), "", 0},
		"of none":                    {quota(in("DoesNotExist"), "pods", "0"), "", 1},
	} {
		short := 0
		for _, share := range Shares([]corev1.ResourceQuota{c.quota}, need, c.priority) {
			if !share.Fits() {
				short++
			}
		}
		if short != c.short {
			t.Errorf("%s: %d shares are short, want %d", name, short, c.short)
		}
	}
}
