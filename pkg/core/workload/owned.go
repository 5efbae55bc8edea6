package workload

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// NotOurs says why an object that carries the label of a run was not created by
// one; it is empty for what was. A label can be put on anything by anybody, so
// ours is what has all of it: the label, the name that a run gives, our field
// manager, and the run's owner as its owner, or is that owner. owners are the
// uids of the ConfigMaps that carry the same label, by name.
func NotOurs(kind string, o metav1.ObjectMeta, owners map[string]types.UID) string {
	run := Run{ID: o.Labels[v1alpha1.LabelRunID]}
	prefix := run.objectName("")
	named := strings.HasPrefix(o.Name, prefix) || kind == "service" && strings.HasPrefix(o.Name, run.shortName(""))
	if run.ID == "" || !named {
		return fmt.Sprintf("its name does not begin with %s", prefix)
	}
	applied := func(f metav1.ManagedFieldsEntry) bool {
		return f.Manager == FieldManager && f.Operation == metav1.ManagedFieldsOperationApply
	}
	if !slices.ContainsFunc(o.ManagedFields, applied) {
		return "it was not applied by " + FieldManager
	}
	if kind == "configmap" {
		if !strings.HasSuffix(o.Name, "-owner") || o.Labels[labelComponent] != componentOwner {
			return "it is no run's owner"
		}
		return ""
	}
	ours := func(r metav1.OwnerReference) bool {
		uid, there := owners[r.Name]
		return r.Kind == "ConfigMap" && strings.HasPrefix(r.Name, run.objectName("")) && (!there || uid == r.UID)
	}
	if !slices.ContainsFunc(o.OwnerReferences, ours) {
		return "no run's owner owns it"
	}
	return ""
}
