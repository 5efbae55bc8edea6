package mesh

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// Variant is a distribution or managed offer of a mesh, or something that is
// added to it. An arm is of the mesh all the same: its figures are those of what
// somebody else configured.
type Variant struct {
	Title string `json:"title"`
	// Labels of the namespace or of its pods that only the variant's have. A value
	// may list alternatives, and in each * stands for any characters.
	Labels map[string]string `json:"labels,omitempty"`
	// Workloads that only the variant has; one is enough.
	Workloads []Workload `json:"workloads,omitempty"`
	// Note is what a reader of its figures should know.
	Note string `json:"note,omitempty"`
}

// workloads are all by which a mesh, or a variant of it, is found.
func (m Mesh) workloads() []Workload {
	all := slices.Clone(m.Detect.Workloads)
	for _, v := range m.Variants {
		all = append(all, v.Workloads...)
	}
	return all
}

// variantsIn names the variants of a mesh that an arm shows, with the evidence.
func (m Mesh) variantsIn(o Observation) (titles, evidence []string) {
	for _, v := range m.Variants {
		if why := v.shownBy(o); why != "" {
			titles = append(titles, v.Title)
			evidence = append(evidence, fmt.Sprintf("%s: %s", v.Title, why))
		}
	}
	return titles, evidence
}

func (v Variant) shownBy(o Observation) string {
	found := v.labelsOn("namespace", o.Namespace.Labels)
	for _, p := range o.Pods {
		if found == "" {
			found = v.labelsOn(string(p.Side)+" pod", p.Mesh.Labels)
		}
	}
	for _, want := range v.Workloads {
		for _, have := range o.Installed.Workloads {
			if found == "" && want.is(have) {
				found = fmt.Sprintf("the cluster runs %s %s/%s", have.Kind, have.Namespace, have.Name)
			}
		}
	}
	return found
}

// labelsOn is how all its labels are said to be there; empty if they are not.
func (v Variant) labelsOn(where string, have map[string]string) string {
	var found []string
	for _, key := range slices.Sorted(maps.Keys(v.Labels)) {
		value := have[key]
		if value == "" || !slices.ContainsFunc(strings.Split(v.Labels[key], alternatives), func(pattern string) bool {
			return nameFits(pattern, value)
		}) {
			return ""
		}
		found = append(found, fmt.Sprintf("%s label %s=%s", where, key, shortened(value)))
	}
	return strings.Join(found, ", ")
}

// notesOf are the notes on the mesh and on variants of it.
func (m Mesh) notesOf(variants []string) []string {
	all := slices.Clone(m.Notes)
	for _, v := range m.Variants {
		if v.Note != "" && slices.Contains(variants, v.Title) {
			all = append(all, v.Title+": "+v.Note)
		}
	}
	return all
}

func (m Mesh) validateVariants() []error {
	var errs []error
	for i, v := range m.Variants {
		at := fmt.Sprintf("spec.variants[%d]", i)
		if v.Title == "" || len(v.Labels)+len(v.Workloads) == 0 {
			errs = append(errs, fmt.Errorf("%s: want title, and labels or workloads", at))
		}
		for key, value := range v.Labels {
			for pattern := range strings.SplitSeq(value, alternatives) {
				if _, err := path.Match(pattern, ""); err != nil || pattern == "" {
					errs = append(errs, fmt.Errorf("%s.labels.%s: %q is no pattern", at, key, pattern))
				}
			}
		}
		for _, w := range v.Workloads {
			if w.Name == "" && len(w.Labels) == 0 {
				errs = append(errs, fmt.Errorf("%s.workloads: name or labels are wanted, or it would match everything", at))
			}
		}
	}
	return errs
}
