package workload

import (
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
)

// Meshed is a namespace that is to be made for a mesh.
type Meshed struct {
	Name string
	Mesh mesh.Mesh
}

// Namespaces is a baseline and its meshed namespaces, ready to be applied
// unless Open says otherwise.
type Namespaces struct {
	// All holds the baseline first.
	All []*corev1.Namespace
	// Notes are what marks on namespaces do not do, in sentences.
	Notes []string
	// Open are the keys whose values only the user can know; they hold
	// OpenValue.
	Open []string
}

// OpenValue stands for a value that the user must give.
const OpenValue = "REPLACE-ME"

// NamespacesFor returns a namespace that stays out of all these meshes, and one
// in each of them. values gives the values of marks that may have any, such as
// the name of a mesh or its revision; a key among them chooses the way of
// enrolment that has it.
func NamespacesFor(baseline string, meshed []Meshed, values map[string]string) Namespaces {
	var out Namespaces
	ask := func(key string) string {
		if value, given := values[key]; given {
			return value
		}
		if !slices.Contains(out.Open, key) {
			out.Open = append(out.Open, key)
		}
		return OpenValue
	}
	base := namespaceFor(baseline, v1alpha1.RoleBaseline)
	out.All = append(out.All, base)
	for _, x := range meshed {
		e := x.Mesh.Enrol
		if len(e.OptOutNamespace) > 0 {
			mark(base, e.OptOutNamespace[0].Concrete(ask))
		}
		ns := namespaceFor(x.Name, v1alpha1.RoleMeshed)
		ns.Annotations[v1alpha1.AnnotationMesh] = x.Mesh.ID
		if way, ok := wayOf(e, values); ok {
			mark(ns, way.Concrete(ask))
		}
		out.All = append(out.All, ns)
		out.Notes = append(out.Notes, notesOn(x)...)
	}
	return out
}

// wayOf picks the way of enrolment that has a key with a given value, else the
// first; none where pods are in the mesh without any.
func wayOf(e mesh.Enrolment, values map[string]string) (mesh.Marks, bool) {
	for _, way := range e.Namespace {
		for _, key := range way.Keys() {
			if _, given := values[key]; given {
				return way, true
			}
		}
	}
	if len(e.Namespace) == 0 || e.WithoutMarks {
		return mesh.Marks{}, false
	}
	return e.Namespace[0], true
}

// notesOn says what a namespace's marks leave to be done.
func notesOn(x Meshed) []string {
	m := x.Mesh
	var notes []string
	add := func(format string, args ...any) {
		notes = append(notes, m.Title+": "+fmt.Sprintf(format, args...))
	}
	if m.Address.Impossible != "" {
		add("this is not enough, and meshbench cannot measure it: %s.", m.Address.Impossible)
	}
	if len(m.Enrol.Namespace) == 0 && len(m.Enrol.Pod) > 0 {
		add("pods are enrolled one by one, not by their namespace; meshbench marks its own.")
	}
	if m.Enrol.How != "" {
		add("%s", m.Enrol.How)
	}
	if len(m.Enrol.OptOutNamespace) == 0 {
		add("a namespace cannot be opted out by a mark; the baseline must not be enrolled.")
	}
	if len(m.Pod.Setup) > 0 {
		add("a namespace that enforces Pod Security baseline or restricted may refuse its init containers, unless its CNI plugin is installed; `kubectl meshbench check` tells.")
	}
	return notes
}

func namespaceFor(name string, role v1alpha1.Role) *corev1.Namespace {
	return &corev1.Namespace{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
		ObjectMeta: metav1.ObjectMeta{
			Name:        name,
			Labels:      map[string]string{labelManagedBy: FieldManager},
			Annotations: map[string]string{v1alpha1.AnnotationRole: string(role)},
		},
	}
}

func mark(ns *corev1.Namespace, marks mesh.Marks) {
	maps.Copy(ns.Labels, marks.Labels)
	maps.Copy(ns.Annotations, marks.Annotations)
}

// IsOurs reports whether a namespace with these labels was made by meshbench.
func IsOurs(labels map[string]string) bool { return labels[labelManagedBy] == FieldManager }
