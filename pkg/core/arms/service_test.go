package arms

import (
	"context"
	"errors"
	"strings"
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/command"
	"github.com/meshbench/kubectl-meshbench/pkg/core/factor"
)

// shop is a namespace with a Service that is in order until a test breaks it.
type shop struct {
	service *corev1.Service
	pods    []corev1.Pod
	scalers []autoscalingv2.HorizontalPodAutoscaler
	hidden  error
}

func (s *shop) Service(context.Context, string, string) (*corev1.Service, error) {
	return s.service, nil
}
func (s *shop) SelectedPods(context.Context, string, map[string]string) ([]corev1.Pod, error) {
	return s.pods, nil
}
func (s *shop) Autoscalers(context.Context, string) ([]autoscalingv2.HorizontalPodAutoscaler, error) {
	return s.scalers, s.hidden
}

func webPod(name string) corev1.Pod {
	return corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"pod-template-hash": "7d4"},
		OwnerReferences: []metav1.OwnerReference{{Kind: "ReplicaSet", Name: "web-7d4"}}},
		Status: corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}}}
}

func newShop() *shop {
	return &shop{service: &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "plain", UID: "u1",
			Annotations: map[string]string{v1alpha1.AnnotationMaxRate: "200"}},
		Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeClusterIP, ClusterIP: "10.0.0.1",
			Selector: map[string]string{"app": "web"}, Ports: []corev1.ServicePort{{Name: "http", Port: 80}, {Name: "dns",
				Port: 53, Protocol: corev1.ProtocolUDP}}}},
		pods: []corev1.Pod{webPod("web-7d4-a"), webPod("web-7d4-b")}}
}

func TestAServiceConsentsOrIsRefused(t *testing.T) {
	say := command.Lines{}
	scaler := func(kind, name string) []autoscalingv2.HorizontalPodAutoscaler {
		return []autoscalingv2.HorizontalPodAutoscaler{{ObjectMeta: metav1.ObjectMeta{Name: "grow"},
			Spec: autoscalingv2.HorizontalPodAutoscalerSpec{ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{
				Kind: kind, Name: name}}}}
	}
	for name, c := range map[string]struct {
		port    string
		change  func(*shop)
		says    string
		fragile string
	}{
		"as it should be": {change: func(*shop) {}},
		"by number":       {port: "80", change: func(*shop) {}},
		"no such service": {change: func(s *shop) { s.service = nil }, says: "there is no Service web"},
		"no annotation": {change: func(s *shop) { s.service.Annotations = nil },
			says: "annotate service web meshbench.dev/max-rate=200"},
		"a mistyped rate": {change: func(s *shop) { s.service.Annotations[v1alpha1.AnnotationMaxRate] = "200/s" },
			says: "200/s"},
		"a rate of 0": {change: func(s *shop) { s.service.Annotations[v1alpha1.AnnotationMaxRate] = "0" }, says: `"0"`},
		"max is no rate": {change: func(s *shop) { s.service.Annotations[v1alpha1.AnnotationMaxRate] = "max" },
			says: `"max"`},
		"outside by name": {change: func(s *shop) { s.service.Spec.Type = corev1.ServiceTypeExternalName },
			says: "ExternalName"},
		"outside by hand": {change: func(s *shop) { s.service.Spec.Selector = nil }, says: "no selector"},
		"headless":        {change: func(s *shop) { s.service.Spec.ClusterIP = corev1.ClusterIPNone }, says: "headless"},
		"another port":    {port: "admin", change: func(*shop) {}, says: "no port admin, its ports are http:80, dns:53"},
		"another number":  {port: "8080", change: func(*shop) {}, says: "no port 8080"},
		"no TCP":          {port: "dns", change: func(*shop) {}, says: "UDP"},
		"about to go":     {change: func(s *shop) { s.service.DeletionTimestamp = &metav1.Time{} }, says: "being deleted"},
		"nobody there":    {change: func(s *shop) { s.pods = nil }, says: "no ready endpoint"},
		"nobody ready": {change: func(s *shop) {
			s.pods[0].Status, s.pods[1].Status = corev1.PodStatus{},
				corev1.PodStatus{}
		}, says: "no ready endpoint: 2 pods"},
		"one ready": {change: func(s *shop) { s.pods[1].Status = corev1.PodStatus{} },
			fragile: "has 1 ready endpoint"},
		"autoscaled": {change: func(s *shop) { s.scalers = scaler("Deployment", "web") },
			fragile: "HorizontalPodAutoscaler grow"},
		"another's scaler": {change: func(s *shop) { s.scalers = scaler("Deployment", "db") }},
		"it cannot be told": {change: func(s *shop) { s.hidden = errors.New("forbidden") },
			fragile: "may be autoscaled, which cannot be told: forbidden"},
	} {
		s := newShop()
		c.change(s)
		port := "http"
		if c.port != "" {
			port = c.port
		}
		got, err := Consents(t.Context(), func(string) (Services, error) { return s, nil },
			v1alpha1.TargetService{Name: "web", Port: intstr.Parse(port)},
			[]v1alpha1.Arm{{Name: "plain", Namespace: "plain"}, {Name: "plain-again", Namespace: "plain"}}, say)
		if (err == nil) != (c.says == "") || err != nil && (!strings.Contains(err.Error(), c.says) || !IsUnusable(err)) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
			continue
		}
		if err != nil {
			continue
		}
		if f := strings.Join(got.Fragile, "; "); (f == "") != (c.fragile == "") || !strings.Contains(f, c.fragile) ||
			len(got.Fragile) > 1 {
			t.Errorf("%s: fragile %q, want %q", name, f, c.fragile)
		}
		if have := got.Called["plain-again"]; have != got.Called["plain"] || have.Port != 80 || have.MaxRate != 200 ||
			have.UID != "u1" {
			t.Errorf("%s: called %+v", name, got.Called)
		}
	}
}

func FuzzMaxRate(f *testing.F) {
	for _, text := range []string{"200", "0.5", "unlimited", "max", "-1", "1e20", "1e400", "NaN", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rate, err := ParseMaxRate(text)
		if err == nil && !(rate > 0 && rate <= factor.MaxRate) && text != v1alpha1.MaxRateUnlimited {
			t.Errorf("%q allows %v", text, float64(rate))
		}
	})
}
