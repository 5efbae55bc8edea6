package analyse

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const (
	codeBaselineMeshed  = "baseline-meshed"
	codeBaselineUnknown = "baseline-path-unknown"
	codeNotInPath       = "mesh-not-in-path"
	codeOneSided        = "mesh-on-one-side"
	codePathUnknown     = "mesh-path-unknown"
	codeOffPath         = "trial-off-path"
	codeMeshAmbiguous   = "mesh-ambiguous"
	codeWaypoint        = "waypoint-not-met"
	codeRetries         = "mesh-retries"
	codeInjected        = "containers-injected"
)

// notInPath finds meshed arms whose requests went through no data plane. A mesh
// that leaves no trace on pods is never found here: that is "unknown".
func notInPath(d *data) []v1alpha1.Finding {
	return aboutPath(d, v1alpha1.SeverityVoid, func(p v1alpha1.Path) bool { return p == v1alpha1.PathNone },
		"requests of this meshed arm go through no data plane",
		"Check how namespace %s is enrolled, and whether the mesh's webhook answered.")
}

// oneSided finds meshed arms where only one side has a proxy.
func oneSided(d *data) []v1alpha1.Finding {
	return aboutPath(d, v1alpha1.SeverityWarn,
		func(p v1alpha1.Path) bool { return oneOf(p, v1alpha1.PathClientSide, v1alpha1.PathServerSide) },
		"only one side of this arm is in the mesh",
		"Enrol load pods and targets of namespace %s alike, unless this is what you want to measure.")
}

// pathUnknown finds meshed arms of which it cannot be told.
func pathUnknown(d *data) []v1alpha1.Finding {
	return aboutPath(d, v1alpha1.SeverityWarn, func(p v1alpha1.Path) bool { return p == v1alpha1.PathUnknown },
		"it cannot be told whether requests of this arm go through the mesh",
		"Look at the mesh's own metrics for namespace %s during a run.")
}

func aboutPath(d *data, severity v1alpha1.Severity, is func(v1alpha1.Path) bool, what,
	advice string) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, a := range d.report.Arms {
		if a.Role != v1alpha1.RoleMeshed || a.DataPlane == nil || !is(a.DataPlane.Path) {
			continue
		}
		out = append(out, v1alpha1.Finding{
			Severity: severity, Scope: v1alpha1.Scope{Arm: a.Name},
			Evidence: fmt.Sprintf("%s: %s", what,
				sentences(append(slices.Clone(a.DataPlane.Evidence), a.DataPlane.PathEvidence...))),
			Advice: fmt.Sprintf(advice, a.Namespace),
		})
	}
	return out
}

// meshAmbiguous finds arms that may be in more than one mesh, or are.
func meshAmbiguous(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, a := range d.report.Arms {
		p := a.DataPlane
		if p == nil || p.Confidence != v1alpha1.ConfidenceAmbiguous {
			continue
		}
		out = append(out, v1alpha1.Finding{
			Severity: v1alpha1.SeverityWarn, Scope: v1alpha1.Scope{Arm: a.Name},
			Evidence: fmt.Sprintf("this arm fits several meshes (%s): %s", strings.Join(p.Candidates, ", "),
				sentences(p.Evidence)),
			Advice: fmt.Sprintf("Say which with annotation %s on namespace %s, and keep the others out of it.",
				v1alpha1.AnnotationMesh, a.Namespace),
		})
	}
	return out
}

// sentences joins evidence; some of it says the same of both sides.
func sentences(parts []string) string {
	var kept []string
	for _, p := range parts {
		if !slices.Contains(kept, p) {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "; ")
}

func oneOf[T comparable](value T, of ...T) bool { return slices.Contains(of, value) }
