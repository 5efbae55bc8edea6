package mesh

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const (
	// enough is the number of requests below which counters decide nothing.
	enough = 100
	// busy is the least number of requests a second at which they do: kubelets
	// ask a target once a second whether it is ready, past the client's proxy
	// and maybe through the server's.
	busy = 5
	// most and few are the shares of the requests from which on "all", and up
	// to which "none" of them were counted. Failed requests may not have
	// reached a proxy, and retries are counted twice.
	most, few = 0.9, 0.1
)

// tally is what the proxies of one side counted in all trials.
type tally struct {
	sent, sockets, counted, mutualTLS, connections int64
	seconds                                        float64
	// told is set where a label told mutual TLS.
	told   bool
	read   int
	unread []string
}

func tallyOf(counts []v1alpha1.ProxyCount, side v1alpha1.Side) tally {
	var t tally
	for _, c := range counts {
		switch {
		case c.Side != side:
		case c.Counted == nil:
			if !slices.Contains(t.unread, c.Unread) {
				t.unread = append(t.unread, c.Unread)
			}
		default:
			t.read++
			t.sent += c.Sent
			t.sockets += c.Sockets
			t.seconds += c.Seconds
			t.counted += *c.Counted
			if c.MutualTLS != nil {
				t.told = true
				t.mutualTLS += *c.MutualTLS
			}
			if c.Connections != nil {
				t.connections += *c.Connections
			}
		}
	}
	return t
}

// tells reports whether there was enough to count.
func (t tally) tells() bool {
	return t.read > 0 && t.sent >= enough && float64(t.sent) >= busy*t.seconds
}

func (t tally) all(n int64) bool  { return float64(n) >= most*float64(t.sent) }
func (t tally) none(n int64) bool { return float64(n) <= few*float64(t.sent) }

// asTCP reports whether the load's connections are among those that the proxy
// carried without looking for requests; each counted request may have had one.
func (t tally) asTCP() bool {
	return t.connections > 0 && float64(t.connections-t.counted) >= most*float64(t.sockets)
}

// counters holds what proxies counted against what was sent. It outranks
// headers, which only the probes before the warm-up carried.
func (v *verdict) counters() {
	decided := 0 // sides
	for _, side := range []struct {
		name          v1alpha1.Side
		found, absent *bool
	}{{v1alpha1.SideClient, &v.client, &v.clientAbsent}, {v1alpha1.SideServer, &v.server, &v.serverAbsent}} {
		t := tallyOf(v.seen.Counts, side.name)
		proxy := fmt.Sprintf("%s side: %s", side.name, strings.Join(v.mesh.Pod.Proxies, " or "))
		if len(t.unread) > 0 {
			v.say("%s: counters not readable: %s", proxy, strings.Join(t.unread, ", "))
		}
		if t.read == 0 {
			continue
		}
		counted, sent := grouped(t.counted), grouped(t.sent)
		shown := *side.found
		if t.tells() && len(t.unread) == 0 {
			decided++
		}
		switch {
		case !t.tells():
			v.say("%s counted %s requests, %s were sent: too few to tell", proxy, counted, sent)
		case t.all(t.counted):
			*side.found, *side.absent = true, false
			v.say("%s counted %s requests, %s were sent", proxy, counted, sent)
		case t.none(t.counted) && t.asTCP():
			*side.found, *side.absent = true, false
			v.say("%s counted %s requests, %s were sent, and %s connections: it took them for TCP", proxy, counted, sent,
				grouped(t.connections))
		case t.none(t.counted):
			*side.found, *side.absent, v.byPods = false, true, false
			v.say("%s counted %s requests, %s were sent: they went around it", proxy, counted, sent)
			if shown {
				v.say("%s side: the counters contradict what pods and headers show, and count more", side.name)
			}
		default:
			v.doubt, decided = true, 0
			v.say("%s counted %s requests, %s were sent: only a part went through it, or was taken for requests", proxy, counted,
				sent)
		}
		v.secured(side.name, t)
	}
	// Whatever annotations say: every request was seen, or missed.
	v.doubt = v.doubt && decided < 2
}

// secured concludes from the part of the requests that a counter labels.
func (v *verdict) secured(side v1alpha1.Side, t tally) {
	if !t.told || !t.tells() || !t.all(t.counted) {
		return
	}
	say := func(answer v1alpha1.Answer, what string) {
		v.counted = answer
		if v.proved && answer != v1alpha1.AnswerYes {
			what += ": that contradicts the probes' headers, and counts more"
		}
		v.mtlsEvidence = append(v.mtlsEvidence,
			fmt.Sprintf("the proxy on the %s side counted %s requests through mutual TLS, %s were sent%s", side,
				grouped(t.mutualTLS), grouped(t.sent), what))
	}
	switch {
	case t.all(t.mutualTLS):
		say(v1alpha1.AnswerYes, "")
	case t.none(t.mutualTLS):
		say(v1alpha1.AnswerNo, "")
	default:
		say(v1alpha1.AnswerUnknown, ": only a part of them")
	}
}

// untold says of the counters that would tell mutual TLS why they do not.
func (v *verdict) untold() []string {
	var out []string
	for _, c := range v.mesh.Proof.Counters {
		if c.MTLSLabel == "" {
			continue
		}
		why := "not read"
		if t := tallyOf(v.seen.Counts, v1alpha1.Side(c.Shows)); len(t.unread) > 0 {
			why = "not readable (" + strings.Join(t.unread, ", ") + ")"
		} else if t.read > 0 {
			continue // what it counted is said already
		}
		out = append(out,
			fmt.Sprintf("%s: counter %s on port %d%s of the %s pod's proxy, whose label %s is %q for mutual TLS", why, c, c.Port,
				c.Path, c.Shows, c.MTLSLabel, c.MTLSValue))
	}
	return out
}

// grouped writes a count with commas between thousands.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
