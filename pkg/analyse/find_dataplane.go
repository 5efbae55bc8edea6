package analyse

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const (
	codeBaselineInjected = "baseline-has-injected-container"
	codeNoDataPlane      = "meshed-without-data-plane"
)

// baselineInjected finds a baseline whose pods were given containers by
// somebody else: it is no baseline.
func baselineInjected(d *data) []v1alpha1.Finding {
	injected, _ := injectedContainers(d, d.baseline.Name)
	if len(injected) == 0 {
		return nil
	}
	return []v1alpha1.Finding{{
		Severity: v1alpha1.SeverityVoid, Arm: d.baseline.Name,
		Evidence: fmt.Sprintf("pods of the baseline carry containers that meshbench did not ask for: %s", strings.Join(injected, ", ")),
		Advice:   fmt.Sprintf("Turn injection off in namespace %s and run again.", d.baseline.Namespace),
	}}
}

// noDataPlane finds meshed arms without an injected container. Meshes without
// sidecars exist, so it is a warning.
func noDataPlane(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, a := range d.report.Arms {
		injected, seen := injectedContainers(d, a.Name)
		if a.Role != v1alpha1.RoleMeshed || !seen || len(injected) > 0 {
			continue
		}
		out = append(out, v1alpha1.Finding{
			Severity: v1alpha1.SeverityWarn, Arm: a.Name,
			Evidence: "no pod of this meshed arm carries an injected container",
			Advice:   fmt.Sprintf("Unless the mesh works without sidecars, check how namespace %s is enrolled.", a.Namespace),
		})
	}
	return out
}

// injectedContainers are the names of the containers that others put into the
// pods of an arm; seen is false where no pod's containers are known.
func injectedContainers(d *data, arm string) (names []string, seen bool) {
	set := map[string]bool{}
	for _, p := range podsOf(d, arm) {
		for _, c := range p.pod.Containers {
			seen = true
			if c.Injected {
				set[c.Name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(set)), seen
}

// placedPod is a pod of an arm and its part in it.
type placedPod struct {
	role string // "target" or "load"
	pod  v1alpha1.Pod
}

// podsOf are the pods of an arm: its target and the load pods of all its trials.
func podsOf(d *data, arm string) []placedPod {
	var out []placedPod
	for _, a := range d.report.Arms {
		if a.Name == arm && a.Target != nil {
			out = append(out, placedPod{"target", *a.Target})
		}
	}
	for _, t := range d.report.Trials {
		if t.Arm == arm {
			for _, p := range t.Pods {
				out = append(out, placedPod{"load", p})
			}
		}
	}
	return out
}
