package mesh

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Astray are the trials of one arm whose requests took another way than those
// of most of its trials, by id, with the reason. The sum over an arm hides them:
// one round in ten around the mesh still counts for "all". Each trial that sent
// enough is judged by its own counters, the pods that sent it, and its probes.
func (m Mesh) Astray(trials []v1alpha1.Trial) map[string]string {
	out := map[string]string{}
	for _, look := range m.looks() {
		said := map[string]string{} // by trial
		often := map[string]int{}
		for _, t := range trials {
			if t.Status != v1alpha1.TrialCompleted {
				continue
			}
			if answer := look.of(t); answer != "" {
				said[t.ID] = answer
				often[answer]++
			}
		}
		if len(often) < 2 {
			continue
		}
		usual := ""
		for _, answer := range look.answers { // of equally many, the better path
			if usual == "" || often[answer] > often[usual] {
				usual = answer
			}
		}
		for _, t := range trials {
			if answer := said[t.ID]; answer != "" && answer != usual && out[t.ID] == "" {
				out[t.ID] = fmt.Sprintf("%s: %s, against %q in %d of %d trials of this arm", look.what, answer, usual,
					often[usual], len(said))
			}
		}
	}
	return out
}

// look is one way to tell which way a trial's requests took.
type look struct {
	what string
	// answers are those that a trial may give, the better path first; an empty
	// one is no answer.
	answers []string
	of      func(v1alpha1.Trial) string
}

const (
	wentThrough = "went through the proxy"
	wentAround  = "went around the proxy"
	wentPartly  = "went through the proxy in part"
	withTLS     = "used mutual TLS"
	withoutTLS  = "used no mutual TLS"
	partlyTLS   = "used mutual TLS in part"
	allCarry    = "all load pods carried the proxy"
	someCarry   = "only some load pods carried the proxy"
	noneCarries = "no load pod carried the proxy"
	hadHeader   = "the probes had it"
	hadNot      = "no probe had it"
)

func (m Mesh) looks() []look {
	var all []look
	for _, side := range []v1alpha1.Side{v1alpha1.SideClient, v1alpha1.SideServer} {
		all = append(all,
			look{fmt.Sprintf("requests as counted on the %s side", side), []string{wentThrough, wentPartly, wentAround},
				func(t v1alpha1.Trial) string { return tallyOf(t.ProxyCounts, side).way() }},
			look{fmt.Sprintf("encryption as counted on the %s side", side), []string{withTLS, partlyTLS, withoutTLS},
				func(t v1alpha1.Trial) string { return tallyOf(t.ProxyCounts, side).encryption() }})
	}
	if m.Architecture.PerPod() {
		all = append(all, look{"container " + strings.Join(m.Pod.Proxies, " or "), []string{allCarry, someCarry, noneCarries},
			m.carriedIn})
	}
	for _, h := range m.Proof.Headers {
		all = append(all, look{h.String(), []string{hadHeader, hadNot}, h.hadBy})
	}
	return all
}

// way is the path that a trial's counter proves; empty where it proves none.
func (t tally) way() string {
	switch {
	case !t.tells() || len(t.unread) > 0:
		return ""
	case t.all(t.counted), t.none(t.counted) && t.asTCP():
		return wentThrough
	case t.none(t.counted):
		return wentAround
	default:
		return wentPartly
	}
}

func (t tally) encryption() string {
	switch {
	case t.way() != wentThrough || !t.told || t.none(t.mutualTLS) && t.none(t.plain):
		return ""
	case t.all(t.mutualTLS):
		return withTLS
	case t.all(t.plain):
		return withoutTLS
	default:
		return partlyTLS
	}
}

func (m Mesh) carriedIn(t v1alpha1.Trial) string {
	seen, with := 0, 0
	for _, p := range t.Pods {
		if p.Mesh == nil {
			continue
		}
		seen++
		if m.on(*p.Mesh) {
			with++
		}
	}
	switch {
	case seen == 0:
		return ""
	case with == seen:
		return allCarry
	case with == 0:
		return noneCarries
	default:
		return someCarry
	}
}

// hadBy asks the probes over HTTP: to gRPC some meshes add other headers.
func (h HeaderProof) hadBy(t v1alpha1.Trial) string {
	http := slices.DeleteFunc(slices.Clone(t.Probes), func(p v1alpha1.Probe) bool { return !overHTTP(p) })
	switch {
	case len(http) == 0:
		return ""
	case slices.ContainsFunc(http, h.in):
		return hadHeader
	default:
		return hadNot
	}
}
