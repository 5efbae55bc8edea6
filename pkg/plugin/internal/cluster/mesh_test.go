package cluster

import (
	"errors"
	"strings"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	k8stesting "k8s.io/client-go/testing"

	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
)

func TestInstalledIsWhatMayBeRead(t *testing.T) {
	catalogue, err := mesh.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	ignore := admissionregistrationv1.Ignore
	clientset := fake.NewClientset(
		&appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "somebody-elses"}},
		&appsv1.Deployment{
			ObjectMeta: metav1.ObjectMeta{Namespace: "istio-system", Name: "istiod", Labels: map[string]string{"app": "istiod"}},
			Spec: appsv1.DeploymentSpec{Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
				Containers: []corev1.Container{{Name: "discovery", Image: "pilot:1.30.3"}}}}},
		},
		&admissionregistrationv1.MutatingWebhookConfiguration{
			ObjectMeta: metav1.ObjectMeta{Name: "linkerd-proxy-injector-webhook-config"},
			Webhooks: []admissionregistrationv1.MutatingWebhook{{Name: "linkerd-proxy-injector.linkerd.io",
				FailurePolicy: &ignore}},
		},
	)
	clientset.PrependReactor("list", "daemonsets", func(k8stesting.Action) (bool, runtime.Object, error) {
		return true, nil, errors.New("may not")
	})
	in := NewFor(clientset, "test").Installed(t.Context(), catalogue)
	if len(in.Workloads) != 1 || in.Workloads[0].Name != "istiod" ||
		in.Workloads[0].Containers[0].Image != "pilot:1.30.3" {
		t.Errorf("workloads %+v, want istiod only", in.Workloads)
	}
	if len(in.Webhooks) != 1 || !in.Webhooks[0].FailsOpen {
		t.Errorf("webhooks %+v", in.Webhooks)
	}
	if len(in.Missing) != 1 || !strings.Contains(in.Missing[0], "DaemonSets: may not") {
		t.Errorf("missing %v", in.Missing)
	}
}
