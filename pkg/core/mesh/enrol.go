package mesh

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Marks are labels and annotations that go together. A value may list
// alternatives ("enabled|true"); "*" stands for any value but an empty one.
type Marks struct {
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

const (
	anyValue     = "*"
	alternatives = "|"
)

// Meta is what marks are looked for on: a namespace or a pod.
type Meta struct {
	Labels      map[string]string
	Annotations map[string]string
}

// On returns the marks that are there, as sentences; ok is false unless all are.
func (m Marks) On(o Meta) (found []string, ok bool) {
	ok = len(m.Labels)+len(m.Annotations) > 0
	for _, part := range []struct {
		word         string
		wanted, have map[string]string
	}{{"label", m.Labels, o.Labels}, {"annotation", m.Annotations, o.Annotations}} {
		for _, key := range slices.Sorted(maps.Keys(part.wanted)) {
			value, there := part.have[key]
			if !there || !matches(part.wanted[key], value) {
				ok = false
				continue
			}
			found = append(found, fmt.Sprintf("%s %s=%s", part.word, key, shortened(value)))
		}
	}
	return found, ok
}

// Keys are all labels and annotations of the marks.
func (m Marks) Keys() []string {
	return append(slices.Sorted(maps.Keys(m.Labels)), slices.Sorted(maps.Keys(m.Annotations))...)
}

// Concrete is the marks with one value each: the first alternative. Where any
// value will do, it asks for one: ask is called with the key.
func (m Marks) Concrete(ask func(key string) string) Marks {
	pick := func(in map[string]string) map[string]string {
		if in == nil {
			return nil
		}
		out := map[string]string{}
		for key, value := range in {
			out[key], _, _ = strings.Cut(value, alternatives)
			if value == anyValue {
				out[key] = ask(key)
			}
		}
		return out
	}
	return Marks{Labels: pick(m.Labels), Annotations: pick(m.Annotations)}
}

func matches(wanted, value string) bool {
	if wanted == anyValue {
		return value != ""
	}
	return slices.Contains(strings.Split(wanted, alternatives), value)
}

// shortened keeps evidence readable: some annotations hold whole documents.
func shortened(value string) string {
	const limit = 40
	if len(value) > limit {
		return value[:limit] + "..."
	}
	return value
}

// Enrolment is how pods of a namespace come into a mesh.
type Enrolment struct {
	// Namespace and Pod list the ways; each way suffices.
	Namespace []Marks `json:"namespace,omitempty"`
	Pod       []Marks `json:"pod,omitempty"`
	// OptOutNamespace and OptOutPod list the ways to stay out.
	OptOutNamespace []Marks `json:"optOutNamespace,omitempty"`
	OptOutPod       []Marks `json:"optOutPod,omitempty"`
	// PodWins is set where a pod's marks count for more than its namespace's
	// "off"; otherwise a namespace that is off keeps its pods out.
	PodWins bool `json:"podWins,omitempty"`
	// NamespaceKey is a label that a namespace must carry, with any value,
	// before the marks of its pods count.
	NamespaceKey string `json:"namespaceKey,omitempty"`
	// Beats are meshes that stay out of a pod that is enrolled in both.
	Beats []string `json:"beats,omitempty"`
	// Restart is set where pods must be made anew.
	Restart bool `json:"restart,omitempty"`
	// WithoutMarks is set where pods are in the mesh without any mark; those of
	// the namespace only ask for more.
	WithoutMarks bool `json:"withoutMarks,omitempty"`
	// Waypoint lists the marks by which a namespace asks for a waypoint, and
	// NoWaypoint those by which it asks for none.
	Waypoint   []Marks `json:"waypoint,omitempty"`
	NoWaypoint []Marks `json:"noWaypoint,omitempty"`
	// How says it in a sentence where marks do not tell all.
	How string `json:"how,omitempty"`
}

// Intent is what a namespace's and a pod's marks ask for.
type Intent string

// The intents.
const (
	IntentNone     Intent = "none"
	IntentEnrolled Intent = "enrolled"
	IntentOptedOut Intent = "opted out"
)

// Of reads the intent, with the marks it was read from. A pod without marks
// follows its namespace.
func (e Enrolment) Of(namespace, pod Meta) (Intent, []string) {
	offHere, isOff := first(e.OptOutNamespace, namespace, "namespace")
	podOff, podIsOff := first(e.OptOutPod, pod, "pod")
	podOn, podIsOn := first(e.Pod, pod, "pod")
	if _, has := namespace.Labels[e.NamespaceKey]; e.NamespaceKey != "" && !has {
		podIsOn = false
	}
	on, isOn := first(e.Namespace, namespace, "namespace")
	switch {
	case podIsOff:
		return IntentOptedOut, podOff
	case podIsOn && (e.PodWins || !isOff):
		return IntentEnrolled, podOn
	case isOff:
		return IntentOptedOut, offHere
	case isOn:
		return IntentEnrolled, on
	default:
		return IntentNone, nil
	}
}

func first(ways []Marks, o Meta, whose string) ([]string, bool) {
	for _, way := range ways {
		if found, ok := way.On(o); ok {
			for i := range found {
				found[i] = whose + " " + found[i]
			}
			return found, true
		}
	}
	return nil, false
}
