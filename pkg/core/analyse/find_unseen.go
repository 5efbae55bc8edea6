package analyse

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
)

const (
	codeClientUnknown   = "client-cpu-unknown"
	codeThrottleUnknown = "throttling-unknown"
	codeUnattributed    = "unattributed-below-zero"
	codeNoMTLS          = "mtls-off"
	codeUnknownMTLS     = "mtls-unknown"
)

// clientUnknown finds load pods of which nobody can tell whether they were at their
// limit.
func clientUnknown(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.loaded() {
		blind := 0
		for _, r := range c.rounds {
			known := func(u v1alpha1.SelfUsage) bool {
				return u.CPUSeconds != nil && (u.Processors > 0 || u.CPULimitCores != nil)
			}
			if len(r.trial.Clients) == 0 || slices.ContainsFunc(r.trial.Clients,
				func(u v1alpha1.SelfUsage) bool { return !known(u) }) {
				blind++
			}
		}
		if blind > 0 {
			out = append(out, c.finding(v1alpha1.SeverityWarn,
				"Watch the load pods' CPU by other means, or run them where /proc can be read: a busy generator looks like a "+
					"slow mesh.",
				"in %d of %s the CPU use of a load generator is not known, nor whether it was at its limit", blind,
				words.Count(len(c.rounds), "trial", "trials")))
		}
	}
	return out
}

// throttlingUnknown finds containers with a CPU limit of which no source says
// whether the kernel stopped them for it.
func throttlingUnknown(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, a := range d.report.Arms {
		limited := map[string]bool{}
		for _, c := range d.loaded() {
			if c.arm.Name != a.Name {
				continue
			}
			for _, r := range c.rounds {
				for _, u := range r.trial.Clients {
					if u.CPULimitCores != nil && u.ThrottledPeriods == nil {
						limited["the load generator"] = true
					}
				}
				containers, _ := resource.Best(r.trial.Resources)
				for _, u := range containers {
					own := u.Side == v1alpha1.SideClient && u.Part == v1alpha1.PartApplication
					if !own && (u.Part == v1alpha1.PartProxy || u.Part == v1alpha1.PartApplication) &&
						u.CPULimitCores != nil && u.ThrottledPeriods == nil && !aside(a, u.Side) {
						limited[fmt.Sprintf("container %s of the %s side", u.Container, u.Side)] = true
					}
				}
			}
		}
		if len(limited) > 0 {
			out = append(out, v1alpha1.Finding{
				Severity: v1alpha1.SeverityInfo, Scope: v1alpha1.Scope{Arm: a.Name},
				Evidence: "no source tells whether these were throttled at their CPU limit: " +
					strings.Join(slices.Sorted(maps.Keys(limited)), "; "),
				Advice: "Let the kubelets' cAdvisor or a Prometheus be read, or remove the limits for the run: pauses are in " +
					"every latency.",
			})
		}
	}
	return out
}

// belowZeroUnattributed finds costs that were attributed to somebody and that their
// nodes did not spend: one of the sources is wrong.
func belowZeroUnattributed(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.cells {
		o := c.overspent
		if o == nil {
			continue
		}
		by := fmt.Sprintf("%.3g cores more were attributed than the nodes used (%.3g in all)", o.cores, o.total)
		if o.explained() {
			out = append(out, c.finding(v1alpha1.SeverityInfo,
				"Compare the parts instead. Lengthen the window without load (--idle) if the nodes do other work now "+
					"and then, or load them less: a node that is short of CPU does less of its own work.",
				"%s, no more than the %.3g that they use without load: of that they used less under load, and the "+
					"total cost is only known to be above its parts", by, o.idle))
			continue
		}
		out = append(out, c.finding(v1alpha1.SeverityWarn,
			"Lengthen the windows (--duration, --idle): the parts are of other sources or seconds than the nodes' "+
				"total.",
			"%s: the total cost and what is left of it are not measured", by))
	}
	return out
}

// withoutMTLS finds meshed arms that do not encrypt: what they cost is not what a mesh
// with encryption costs.
func withoutMTLS(d *data) []v1alpha1.Finding {
	return aboutMTLS(d, v1alpha1.AnswerNo, "requests of this meshed arm are not encrypted by the mesh",
		"State it with the figures: mutual TLS costs extra. If it should be on, see the mesh's policy for namespace %s.")
}

// unknownMTLS finds meshed arms of which it cannot be told.
func unknownMTLS(d *data) []v1alpha1.Finding {
	return aboutMTLS(d, v1alpha1.AnswerUnknown, "it cannot be told whether the mesh encrypts requests of this arm",
		"Look at the mesh's own metrics for namespace %s during a run.")
}

func aboutMTLS(d *data, answer v1alpha1.Answer, what, advice string) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, a := range meshed(d) {
		p := a.DataPlane
		if p.MTLS != answer || oneOf(p.Path, v1alpha1.PathNone, v1alpha1.PathUnknown) {
			continue // told of as not in the mesh at all
		}
		text := what
		if len(p.MTLSEvidence) > 0 {
			text += ": " + sentences(p.MTLSEvidence)
		}
		out = append(out, v1alpha1.Finding{Severity: v1alpha1.SeverityInfo, Scope: v1alpha1.Scope{Arm: a.Name},
			Evidence: text, Advice: fmt.Sprintf(advice, a.Namespace)})
	}
	return out
}
