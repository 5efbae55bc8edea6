package workload

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// A label alone makes nothing ours.
func TestOnlyWhatARunCreatedIsOurs(t *testing.T) {
	owners := map[string]types.UID{"meshbench-r1-owner": "u1"}
	pod := func() metav1.ObjectMeta {
		return metav1.ObjectMeta{
			Name: "meshbench-r1-target", Labels: map[string]string{v1alpha1.LabelRunID: "r1"},
			ManagedFields: []metav1.ManagedFieldsEntry{
				{Manager: "kubelet", Operation: metav1.ManagedFieldsOperationUpdate},
				{Manager: FieldManager, Operation: metav1.ManagedFieldsOperationApply}},
			OwnerReferences: []metav1.OwnerReference{{Kind: "ConfigMap", Name: "meshbench-r1-owner", UID: "u1"}},
		}
	}
	for name, test := range map[string]struct {
		kind   string
		change func(*metav1.ObjectMeta)
		ours   bool
	}{
		"a run's pod": {"pod", func(*metav1.ObjectMeta) {}, true},
		"whose owner is gone": {"pod", func(o *metav1.ObjectMeta) {
			o.OwnerReferences[0].Name = "meshbench-r1-control-owner"
		}, true},
		"labelled by hand": {"service", func(o *metav1.ObjectMeta) { o.ManagedFields[1].Manager = "kubectl-label" }, false},
		"updated, not applied": {"service", func(o *metav1.ObjectMeta) {
			o.ManagedFields[1].Operation = metav1.ManagedFieldsOperationUpdate
		}, false},
		"of another name": {"service", func(o *metav1.ObjectMeta) { o.Name = "shop" }, false},
		"a Service of a short name": {"service", func(o *metav1.ObjectMeta) {
			o.Labels[v1alpha1.LabelRunID], o.Name = "r-1-a2b3", "mb-a2b3-grpc"
			o.OwnerReferences[0].Name = "meshbench-r-1-a2b3-owner"
		}, true},
		"a pod of a Service's name": {"pod", func(o *metav1.ObjectMeta) {
			o.Labels[v1alpha1.LabelRunID], o.Name = "r-1-a2b3", "mb-a2b3-grpc"
			o.OwnerReferences[0].Name = "meshbench-r-1-a2b3-owner"
		}, false},
		"of another run":       {"pod", func(o *metav1.ObjectMeta) { o.Labels[v1alpha1.LabelRunID] = "r" }, false},
		"without a run's id":   {"pod", func(o *metav1.ObjectMeta) { o.Labels[v1alpha1.LabelRunID] = "" }, false},
		"without an owner":     {"pod", func(o *metav1.ObjectMeta) { o.OwnerReferences = nil }, false},
		"of somebody's owner":  {"pod", func(o *metav1.ObjectMeta) { o.OwnerReferences[0].Name = "shop" }, false},
		"of an owner that was": {"pod", func(o *metav1.ObjectMeta) { o.OwnerReferences[0].UID = "u0" }, false},
		"an owner": {"configmap", func(o *metav1.ObjectMeta) {
			o.Name, o.OwnerReferences = "meshbench-r1-owner", nil
			o.Labels[labelComponent] = componentOwner
		}, true},
		"somebody's ConfigMap": {"configmap", func(o *metav1.ObjectMeta) { o.Name = "meshbench-r1-settings" }, false},
	} {
		o := pod()
		test.change(&o)
		if why := NotOurs(test.kind, o, owners); (why == "") != test.ours {
			t.Errorf("%s: %q, want ours %v", name, why, test.ours)
		}
	}
}
