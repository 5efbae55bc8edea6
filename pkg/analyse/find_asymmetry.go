package analyse

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const (
	codePlacement = "placement"
	codeQOS       = "qos-differs"
	codeImage     = "image-changed"
	codeRestarts  = "restarts"
)

// placementDiffers finds arms whose pods ran on different nodes.
func placementDiffers(d *data) []v1alpha1.Finding {
	all := differs(d, "nodes", "Pin the arms to the same nodes: the comparison contains the difference between machines.",
		func(p v1alpha1.Pod) string { return p.Node })
	return slices.DeleteFunc(all, func(f v1alpha1.Finding) bool { return elsewhere(d, f.Arm) })
}

// qosDiffers finds arms whose pods got another quality of service, usually
// because an injected container states no limits.
func qosDiffers(d *data) []v1alpha1.Finding {
	return differs(d, "QoS classes", "Give the proxies requests equal to their limits, or state the difference with the figures.",
		func(p v1alpha1.Pod) string { return p.QOS })
}

// differs finds arms whose pods of the same role have another set of values of
// a property than the baseline's. Unknown values are ignored.
func differs(d *data, what, advice string, property func(v1alpha1.Pod) string) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	base := propertiesOf(d, d.baseline.Name, property)
	for _, a := range d.report.Arms {
		if a.Name == d.baseline.Name {
			continue
		}
		own := propertiesOf(d, a.Name, property)
		for _, role := range []string{"load", "target"} {
			if own[role] != "" && base[role] != "" && own[role] != base[role] {
				out = append(out, v1alpha1.Finding{
					Severity: v1alpha1.SeverityWarn, Arm: a.Name, Advice: advice,
					Evidence: fmt.Sprintf("%s pods have %s %s, those of the baseline %s", role, what, own[role], base[role]),
				})
			}
		}
	}
	return out
}

// propertiesOf is the sorted set of values for each role of an arm's pods.
func propertiesOf(d *data, arm string, property func(v1alpha1.Pod) string) map[string]string {
	sets := map[string]map[string]bool{"load": {}, "target": {}}
	for _, p := range podsOf(d, arm) {
		if v := property(p.pod); v != "" {
			sets[p.role][v] = true
		}
	}
	out := map[string]string{}
	for role, set := range sets {
		out[role] = strings.Join(slices.Sorted(maps.Keys(set)), ", ")
	}
	return out
}

// imageChanged finds an image of ours that resolved to several contents within
// the run: two programs were compared.
func imageChanged(d *data) []v1alpha1.Finding {
	byImage := map[string]map[string]bool{}
	for _, a := range d.report.Arms {
		for _, p := range podsOf(d, a.Name) {
			for _, c := range p.pod.Containers {
				if c.Injected || c.ImageID == "" {
					continue
				}
				if byImage[c.Image] == nil {
					byImage[c.Image] = map[string]bool{}
				}
				byImage[c.Image][c.ImageID] = true
			}
		}
	}
	var out []v1alpha1.Finding
	for _, image := range slices.Sorted(maps.Keys(byImage)) {
		if ids := slices.Sorted(maps.Keys(byImage[image])); len(ids) > 1 {
			out = append(out, v1alpha1.Finding{
				Severity: v1alpha1.SeverityWarn,
				Evidence: fmt.Sprintf("image %s ran as %d different contents: %s", image, len(ids), strings.Join(ids, ", ")),
				Advice:   "Ask for the image by digest and run again.",
			})
		}
	}
	return out
}

// restarts finds containers that were restarted during the run.
func restarts(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, a := range d.report.Arms {
		for _, p := range podsOf(d, a.Name) {
			for _, c := range p.pod.Containers {
				if c.Restarts > 0 {
					out = append(out, v1alpha1.Finding{
						Severity: v1alpha1.SeverityWarn, Arm: a.Name,
						Evidence: fmt.Sprintf("container %s of %s pod %s was restarted %d times", c.Name, p.role, p.pod.Name, c.Restarts),
						Advice:   "Look at the container's last state: memory limits and failed probes are the usual causes.",
					})
				}
			}
		}
	}
	return out
}
