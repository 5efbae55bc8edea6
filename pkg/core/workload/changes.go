package workload

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Changes are what somebody else made of our own container: Autopilot of its
// resources, a policy of the registry of its image, an operator of its
// environment; and of the runtime that runs it. What arguments say is left out: they
// hold the worker's key.
func Changes(asked, given *corev1.Pod) []v1alpha1.Change {
	if asked == nil || given == nil {
		return nil
	}
	a, b := own(asked), own(given)
	if a == nil || b == nil {
		return nil
	}
	var all []v1alpha1.Change
	add := func(field, asked, given string) {
		if asked != given {
			all = append(all, v1alpha1.Change{Field: field, Asked: asked, Given: given})
		}
	}
	add("image", a.Image, b.Image)
	add("runtimeClassName", runtimeOf(asked), runtimeOf(given))
	if !slices.Equal(a.Args, b.Args) || !slices.Equal(a.Command, b.Command) {
		all = append(all, v1alpha1.Change{Field: "args", Asked: "ours", Given: "others"})
	}
	add("env", names(a.Env), names(b.Env))
	for _, list := range []struct {
		field string
		a, b  corev1.ResourceList
	}{{"requests.", a.Resources.Requests, b.Resources.Requests}, {"limits.", a.Resources.Limits, b.Resources.Limits}} {
		both := maps.Clone(list.a)
		if both == nil {
			both = corev1.ResourceList{}
		}
		maps.Copy(both, list.b)
		for _, name := range slices.Sorted(maps.Keys(both)) {
			if x, y := list.a[name], list.b[name]; x.Cmp(y) != 0 {
				add(list.field+string(name), orNone(list.a, name, x), orNone(list.b, name, y))
			}
		}
	}
	return all
}

func runtimeOf(pod *corev1.Pod) string {
	if pod.Spec.RuntimeClassName == nil {
		return "none"
	}
	return *pod.Spec.RuntimeClassName
}

func own(pod *corev1.Pod) *corev1.Container {
	i := slices.IndexFunc(pod.Spec.Containers, func(c corev1.Container) bool { return c.Name == ContainerName })
	if i < 0 {
		return nil
	}
	return &pod.Spec.Containers[i]
}

func names(env []corev1.EnvVar) string {
	var all []string
	for _, e := range env {
		all = append(all, e.Name)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func orNone(list corev1.ResourceList, name corev1.ResourceName, q resource.Quantity) string {
	if _, ok := list[name]; !ok {
		return "none"
	}
	return q.String()
}
