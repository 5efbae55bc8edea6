package cluster

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

func pod(namespace, name, run string) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, UID: "uid-" + "x"}}
	if run != "" {
		p.Labels = map[string]string{v1alpha1.LabelRunID: run}
	}
	return p
}

// made is a pod that a run created, the whole of it.
func made(namespace, name, run string) *corev1.Pod {
	p := pod(namespace, name, run)
	if run != "" {
		p.Name = "meshbench-" + run + "-" + name
		p.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: workload.FieldManager,
			Operation: metav1.ManagedFieldsOperationApply}}
		p.OwnerReferences = []metav1.OwnerReference{{Kind: "ConfigMap", Name: "meshbench-" + run + "-owner",
			UID: "uid-x"}}
	}
	return p
}

// A Service that somebody labelled by hand is named, and stays, whoever asks for
// its deletion.
func TestWhatIsLabelledByHandIsLeftAlone(t *testing.T) {
	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "checkout", UID: "uid-s",
		Labels: map[string]string{v1alpha1.LabelRunID: "r1"}}}
	settings := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "settings", UID: "uid-c",
		Labels: map[string]string{v1alpha1.LabelRunID: "r1"}}}
	clientset := fake.NewClientset(made("shop", "target", "r1"), service, settings)
	c := NewFor(clientset, "test")
	found, err := c.Leftovers(t.Context(), "shop", "")
	if err != nil || len(found) != 3 {
		t.Fatalf("found %v, %v", found, err)
	}
	for _, o := range found {
		if (o.NotOurs == "") != (o.Kind == "pod") {
			t.Errorf("%s: not ours: %q", o, o.NotOurs)
		}
	}
	if err := c.Delete(t.Context(), found); err != nil {
		t.Fatal(err)
	}
	for _, a := range clientset.Actions() {
		if a.GetVerb() == "delete" && a.GetResource().Resource != "pods" {
			t.Errorf("%s was deleted from %s", a.GetResource().Resource, a.GetNamespace())
		}
	}
}

func TestLeftoversAreOnlyThoseOfRuns(t *testing.T) {
	c := NewFor(fake.NewClientset(
		made("shop", "ours", "r1"), made("shop", "of-another-run", "r2"), pod("shop", "not-ours", ""),
		pod("elsewhere", "ours-too", "r1"),
	), "test")
	got, err := c.Leftovers(context.Background(), "shop", "r1")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Name != "meshbench-r1-ours" || got[0].RunID != "r1" {
		t.Errorf("leftovers of r1 in shop are %v, want only pod ours", got)
	}
	all, err := c.Leftovers(context.Background(), "shop", "")
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 {
		t.Errorf("leftovers in shop are %v, want those of r1 and r2", all)
	}
}

func TestDeleteLeavesOthersAlone(t *testing.T) {
	clientset := fake.NewClientset(made("shop", "ours", "r1"), pod("shop", "not-ours", ""))
	c := NewFor(clientset, "test")
	objects, err := c.Leftovers(context.Background(), "shop", "r1")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Delete(context.Background(), objects); err != nil {
		t.Fatal(err)
	}
	if p, err := c.GetPod(context.Background(), "shop", "meshbench-r1-ours"); err != nil || p != nil {
		t.Errorf("pod ours is still there: %v, %v", p, err)
	}
	if p, err := c.GetPod(context.Background(), "shop", "not-ours"); err != nil || p == nil {
		t.Errorf("pod not-ours is gone: %v", err)
	}
}

func TestAnnotatedNamespacesAreTheConsentingOnes(t *testing.T) {
	c := NewFor(fake.NewClientset(
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "plain"}},
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "base",
			Annotations: map[string]string{v1alpha1.AnnotationRole: "baseline"}}},
	), "test")
	got, err := c.AnnotatedNamespaces(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Name != "base" {
		t.Errorf("got %v, want only base", got)
	}
}
