package analyse

import (
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// baselineMeshed finds a baseline whose pods carry a mesh's proxy, or whose
// requests went through a data plane: it is no baseline.
func baselineMeshed(d *data) []v1alpha1.Finding {
	var evidence []string
	p := d.baseline.DataPlane
	injected, _ := injectedContainers(d, d.baseline.Name)
	switch {
	case p == nil && len(injected) > 0:
		evidence = append(evidence,
			fmt.Sprintf("pods of the baseline carry containers that meshbench did not ask for, and nobody looked what they do: %s",
				strings.Join(injected, ", ")))
	case p == nil:
	case len(p.OwnContainers) > 0:
		evidence = append(evidence,
			fmt.Sprintf("pods of the baseline carry containers of a mesh: %s", strings.Join(p.OwnContainers, ", ")))
	}
	if p != nil && oneOf(p.Path, v1alpha1.PathClientSide, v1alpha1.PathServerSide, v1alpha1.PathBothSides) {
		evidence = append(evidence,
			fmt.Sprintf("requests of the baseline go through a data plane (%s): %s", p.Path, sentences(p.PathEvidence)))
	}
	if len(evidence) == 0 {
		return nil
	}
	return []v1alpha1.Finding{{
		Severity: v1alpha1.SeverityVoid, Scope: v1alpha1.Scope{Arm: d.baseline.Name},
		Evidence: sentences(evidence),
		Advice:   fmt.Sprintf("Take namespace %s out of the mesh and run again.", d.baseline.Namespace),
	}}
}

// baselineUnknown finds a baseline of which it cannot be told that nothing
// stood in its way: a header that neither worker writes came from somebody.
func baselineUnknown(d *data) []v1alpha1.Finding {
	p := d.baseline.DataPlane
	if p == nil || p.Path != v1alpha1.PathUnknown || len(baselineMeshed(d)) > 0 {
		return nil
	}
	return []v1alpha1.Finding{{
		Severity: v1alpha1.SeverityWarn, Scope: v1alpha1.Scope{Arm: d.baseline.Name},
		Evidence: "it cannot be told that nothing stands between load and target of the baseline: " +
			sentences(p.PathEvidence),
		Advice: fmt.Sprintf("Find out what it is and keep it away from namespace %s: its cost counts as that of no mesh.",
			d.baseline.Namespace),
	}}
}
