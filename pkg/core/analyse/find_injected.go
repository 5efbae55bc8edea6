package analyse

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// offPath names the trials that are void because their requests took another
// way than those of the arm's other trials.
func offPath(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, t := range d.report.Trials {
		if !t.OffPath {
			continue
		}
		out = append(out, v1alpha1.Finding{
			Severity: v1alpha1.SeverityWarn, Scope: v1alpha1.Scope{Experiment: t.Experiment, Level: t.Level, Arm: t.Arm},
			Trial:    t.ID,
			Evidence: "this trial is void, its requests took another way: " + t.Reason,
			Advice:   "See whether the mesh's webhook and control plane were up at that time, and run again.",
		})
	}
	return out
}

// injected finds containers that others than the mesh put into our pods. Alike
// in all arms they cost all arms the same.
func injected(d *data) []v1alpha1.Finding {
	byArm := map[string]string{}
	different := false
	for _, a := range d.report.Arms {
		names, seen := injectedContainers(d, a.Name)
		if !seen || a.DataPlane == nil {
			continue
		}
		names = slices.DeleteFunc(names, func(n string) bool {
			return slices.Contains(a.DataPlane.OwnContainers, n) ||
				slices.ContainsFunc(a.DataPlane.Proxies, func(p v1alpha1.ProxySettings) bool { return p.Container == n })
		})
		byArm[a.Name] = strings.Join(names, ", ")
		different = different || byArm[a.Name] != byArm[d.baseline.Name]
	}
	var said []string
	for _, a := range d.report.Arms {
		if names := byArm[a.Name]; names != "" {
			said = append(said, fmt.Sprintf("%s in arm %s", names, a.Name))
		}
	}
	switch {
	case len(said) == 0:
		return nil
	case different:
		return []v1alpha1.Finding{{
			Severity: v1alpha1.SeverityWarn,
			Evidence: "containers of nobody's mesh were put into pods, and not into those of all arms alike: " +
				strings.Join(said, "; "),
			Advice: "Have them injected into all arms or into none: what they use counts as a cost of their arm.",
		}}
	default:
		return []v1alpha1.Finding{{
			Severity: v1alpha1.SeverityInfo,
			Evidence: "containers of nobody's mesh were put into the pods of all arms alike: " + byArm[d.baseline.Name],
		}}
	}
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

// podsOf are the pods of an arm: its targets and the load pods of all its trials.
func podsOf(d *data, arm string) []placedPod {
	var out []placedPod
	for _, a := range d.report.Arms {
		if a.Name != arm {
			continue
		}
		for _, p := range a.Targets() {
			out = append(out, placedPod{"target", p})
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
