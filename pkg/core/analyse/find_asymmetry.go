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
	return differs(d, "QoS classes",
		"Give the proxies requests equal to their limits, or state the difference with the figures.",
		func(p v1alpha1.Pod) string { return p.QOS })
}

// differs finds arms of which pods have another set of values of a property than
// those of the baseline that they are compared with: targets as such, load pods
// trial by trial, because levels may differ in it on purpose. Unknown values are
// ignored.
func differs(d *data, what, advice string, property func(v1alpha1.Pod) string) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, a := range d.report.Arms {
		if a.Name == d.baseline.Name {
			continue
		}
		tell := func(role, own, base, suffix string) {
			out = append(out, v1alpha1.Finding{
				Severity: v1alpha1.SeverityWarn, Scope: v1alpha1.Scope{Arm: a.Name}, Advice: advice,
				Evidence: fmt.Sprintf("%s pods have %s %s, those of the baseline %s%s", role, what, own, base, suffix),
			})
		}
		own, base := map[string]bool{}, map[string]bool{}
		pairs, apart := d.loadPods(a.Name), 0
		for _, pair := range pairs {
			mine, others := values(pair.own, property), values(pair.base, property)
			if len(mine) > 0 && len(others) > 0 && !maps.Equal(mine, others) {
				apart++
				maps.Copy(own, mine)
				maps.Copy(base, others)
			}
		}
		if apart > 0 {
			tell("load", list(own), list(base),
				fmt.Sprintf(" (in %d of %s)", apart, words.Count(len(pairs), "comparison", "comparisons")))
		}
		if a.Target == nil || d.baseline.Target == nil {
			continue
		}
		if mine, others := property(*a.Target), property(*d.baseline.Target); mine != "" && others != "" && mine != others {
			tell("target", mine, others, "")
		}
	}
	return out
}

// pairOfPods are the load pods of an arm and those of the baseline that they are
// compared with.
type pairOfPods struct{ own, base []v1alpha1.Pod }

// loadPods are the pairs of an arm: one for each round of a cell, and one for a
// search, whose steps are not paired.
func (d *data) loadPods(arm string) []pairOfPods {
	var out []pairOfPods
	for _, c := range d.cells {
		base := d.byAddress[c.at.Of(d.baseline.Name)]
		if c.at.Arm != arm || base == nil {
			continue
		}
		for _, r := range c.rounds {
			for _, b := range base.rounds {
				if b.trial.Round == r.trial.Round {
					out = append(out, pairOfPods{r.trial.Pods, b.trial.Pods})
				}
			}
		}
	}
	for _, s := range d.searches {
		if base := d.searchAt(s.result.Of(d.baseline.Name)); s.arm.Name == arm && base != nil {
			out = append(out, pairOfPods{s.pods(), base.pods()})
		}
	}
	return out
}

func (s *searched) pods() []v1alpha1.Pod {
	var all []v1alpha1.Pod
	for _, t := range s.trials {
		if t.Usable() {
			all = append(all, t.Pods...)
		}
	}
	return all
}

// values are those that pods have of a property.
func values(pods []v1alpha1.Pod, property func(v1alpha1.Pod) string) map[string]bool {
	set := map[string]bool{}
	for _, p := range pods {
		if v := property(p); v != "" {
			set[v] = true
		}
	}
	return set
}

func list(set map[string]bool) string { return strings.Join(slices.Sorted(maps.Keys(set)), ", ") }

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

// restarts finds containers that were restarted during the run: those of our
// pods, and in a window those of proxies in pods of their own.
func restarts(d *data) []v1alpha1.Finding {
	const advice = "Look at the container's last state: memory limits and failed probes are the usual causes."
	var out []v1alpha1.Finding
	for _, a := range d.report.Arms {
		for _, p := range podsOf(d, a.Name) {
			for _, c := range p.pod.Containers {
				if c.Restarts > 0 {
					out = append(out, v1alpha1.Finding{
						Severity: v1alpha1.SeverityWarn, Scope: v1alpha1.Scope{Arm: a.Name}, Advice: advice,
						Evidence: fmt.Sprintf("container %s of %s pod %s was restarted %d times", c.Name, p.role, p.pod.Name, c.Restarts),
					})
				}
			}
		}
	}
	for _, c := range d.loaded() {
		for _, r := range c.rounds {
			containers, _ := resource.Best(r.trial.Resources)
			for _, u := range containers {
				if u.Restarted && oneOf(u.Side, v1alpha1.SideNode, v1alpha1.SideWaypoint) {
					out = append(out,
						c.finding(v1alpha1.SeverityWarn, advice, "container %s of pod %s was restarted in the window of round %d",
							u.Container, u.Pod, r.trial.Round))
				}
			}
		}
	}
	return out
}
