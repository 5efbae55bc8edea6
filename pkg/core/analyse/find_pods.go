package analyse

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const (
	codeOwnChanged     = "own-container-changed"
	codeTargetReplaced = "target-replaced"
)

// ownChanged finds what admission made of our own containers. Alike in all arms
// it costs all arms the same; else arms differ in more than their mesh.
func ownChanged(d *data) []v1alpha1.Finding {
	said := map[string]string{}
	var any, differ bool
	for _, a := range d.report.Arms {
		said[a.Name] = changesOf(d, a.Name)
		any = any || said[a.Name] != ""
		differ = differ || said[a.Name] != said[d.baseline.Name]
	}
	switch {
	case !any:
		return nil
	case !differ:
		return []v1alpha1.Finding{{
			Severity: v1alpha1.SeverityInfo,
			Evidence: "the cluster changed our own containers, in all arms alike: " + said[d.baseline.Name],
		}}
	}
	var parts []string
	for _, a := range d.report.Arms {
		text := said[a.Name]
		if text == "" {
			text = "nothing"
		}
		parts = append(parts, fmt.Sprintf("in arm %s %s", a.Name, text))
	}
	return []v1alpha1.Finding{{
		Severity: v1alpha1.SeverityWarn,
		Evidence: "the cluster changed our own containers, and not in all arms alike: " + strings.Join(parts, "; "),
		Advice: "Have the same policy act on all namespaces of the run, or ask for what it gives: spec.load, spec.target " +
			"and spec.pods.",
	}}
}

// changesOf are all changes that any pod of an arm shows, each once.
func changesOf(d *data, arm string) string {
	var all []string
	for _, p := range podsOf(d, arm) {
		for _, c := range p.pod.Changed {
			given := c.Given
			if given == "" {
				given = "none"
			}
			text := fmt.Sprintf("%s of %s pods became %s", c.Field, p.role, given)
			if c.Asked != "" {
				text += " in place of " + c.Asked
			}
			if !slices.Contains(all, text) {
				all = append(all, text)
			}
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// targetReplaced says that an arm's trials did not all meet the same target.
func targetReplaced(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, a := range d.report.Arms {
		for _, r := range a.Replaced {
			where := ""
			if r.Node != "" && a.Target != nil && a.Target.Node != r.Node {
				where = fmt.Sprintf(", and the next one runs on %s in place of %s", a.Target.Node, r.Node)
			}
			out = append(out, v1alpha1.Finding{
				Severity: v1alpha1.SeverityWarn, Scope: v1alpha1.Scope{Arm: a.Name},
				Evidence: fmt.Sprintf("the target was replaced at %s: %s%s", r.At.UTC().Format("15:04:05 UTC"), r.Reason, where),
				Advice: "See what takes pods away: the kubelet evicts for memory and disk, and whoever drains nodes. " +
					"Trials before and after it met different pods.",
			})
		}
	}
	return out
}
