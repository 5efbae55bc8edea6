package mesh

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// lacking says of an arm that no mesh was found in which ones are installed, and
// which mark the namespace lacks, or carries in the wrong place.
func (c Catalogue) lacking(o Observation) []string {
	var out []string
	for _, m := range c.meshes {
		if m.Support == SupportNamed {
			continue
		}
		if text := m.misplaced(o.Namespace); text != "" {
			out = append(out, text)
		}
		_, installed := m.installed(o.Installed)
		intent, _ := m.Enrol.Of(o.Namespace, o.Asked)
		if !installed || intent != IntentNone || m.Enrol.WithoutMarks {
			continue
		}
		text := m.Title + " is installed, and this arm does not ask for it"
		if wanted := m.wanted(); wanted != "" {
			text += ": it takes " + wanted
		}
		out = append(out, text)
	}
	return out
}

// wanted are the ways into a mesh, in words.
func (m Mesh) wanted() string {
	var ways []string
	for _, part := range []struct {
		whose string
		marks []Marks
	}{{"namespace", m.Enrol.Namespace}, {"pod", m.Enrol.Pod}} {
		for _, way := range part.marks {
			ways = append(ways, part.whose+" "+way.String())
		}
	}
	return strings.Join(ways, ", or ")
}

// String is how marks are named: "label a=b and annotation c=d".
func (m Marks) String() string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(m.Labels)) {
		parts = append(parts, fmt.Sprintf("label %s=%s", key, m.Labels[key]))
	}
	for _, key := range slices.Sorted(maps.Keys(m.Annotations)) {
		parts = append(parts, fmt.Sprintf("annotation %s=%s", key, m.Annotations[key]))
	}
	return strings.Join(parts, " and ")
}

// misplaced finds a mark of the mesh that stands where it does nothing: as an
// annotation for a label or the reverse, or on the namespace for its pods.
func (m Mesh) misplaced(namespace Meta) string {
	if intent, _ := m.Enrol.Of(namespace, Meta{}); intent != IntentNone {
		return ""
	}
	for _, way := range m.Enrol.Namespace {
		turned := Marks{Labels: way.Annotations, Annotations: way.Labels}
		if found, ok := turned.On(namespace); ok {
			return fmt.Sprintf("namespace %s does nothing: %s wants %s", strings.Join(found, ", "), m.Title, way)
		}
	}
	for _, way := range m.Enrol.Pod {
		if slices.ContainsFunc(m.Enrol.Namespace, func(n Marks) bool { return n.String() == way.String() }) {
			continue
		}
		if found, ok := way.On(namespace); ok {
			return fmt.Sprintf("namespace %s does nothing: %s wants it on pods", strings.Join(found, ", "), m.Title)
		}
	}
	return ""
}
