package mesh

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
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
	sent, sockets, counted, mutualTLS, plain, connections int64
	seconds                                               float64
	// told is set where a label told mutual TLS from plain text.
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
			t.told = t.told || c.MutualTLS != nil || c.Plain != nil
			t.mutualTLS += orNone(c.MutualTLS)
			t.plain += orNone(c.Plain)
			t.connections += orNone(c.Connections)
		}
	}
	return t
}

// orNone is what was counted for certain: nothing where nobody could tell.
func orNone(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
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
// headers, which only the probes before the warm-up carried, unless a counter
// stood still while a header showed its proxy: then it counts something else.
func (v *verification) counters() {
	client, server := tallyOf(v.seen.Counts, v1alpha1.SideClient), tallyOf(v.seen.Counts, v1alpha1.SideServer)
	decided := v.countedBy(&v.client, client, server)
	decided = v.countedBy(&v.server, server, client) && decided
	// Whatever annotations say: every request was seen, or missed.
	v.doubt = v.doubt && !decided
}

// countedBy concludes from the counter of one side; other is that of the other.
func (v *verification) countedBy(s *side, t, other tally) (decided bool) {
	proxy := fmt.Sprintf("%s side: %s", s.name, strings.Join(v.mesh.Pod.Proxies, " or "))
	if len(t.unread) > 0 {
		v.say("%s: counters not readable: %s", proxy, strings.Join(t.unread, ", "))
	}
	if t.read == 0 {
		return false
	}
	// A counter that moves and misses the load shows that the load left a path
	// that the probes took.
	around := other.tells() && other.none(other.counted) && other.counted > 0 && !other.asTCP()
	verb := fmt.Sprintf("%s counted %s requests, %s were sent", proxy, words.Thousands(t.counted), words.Thousands(t.sent))
	decided = t.tells() && len(t.unread) == 0
	switch {
	case !t.tells():
		v.say("%s: too few to tell", verb)
	case t.all(t.counted):
		s.through = true
		v.say("%s", verb)
	case t.none(t.counted) && t.asTCP():
		s.through = true
		v.say("%s, and %s connections: it took them for TCP", verb, words.Thousands(t.connections))
	case t.counted == 0 && s.shown && !around:
		decided = false
		v.say("%s, and none of the probes that show it by their headers: it counts something else", verb)
	case t.none(t.counted):
		s.around = true
		v.say("%s: they went around it", verb)
		if s.shown || s.present && !s.off && !s.leftOut {
			v.say("%s side: the counters contradict what pods and headers show, and count more", s.name)
		}
	default:
		v.doubt, decided = true, false
		v.say("%s: only a part went through it, or was taken for requests", verb)
	}
	v.secured(s.name, t)
	return decided
}

// secured concludes from the part of the requests that a counter labels.
func (v *verification) secured(side v1alpha1.Side, t tally) {
	if !t.told || !t.tells() || !t.all(t.counted) {
		return
	}
	say := func(answer v1alpha1.Answer, what string) {
		v.counted = answer
		if v.proved && answer == v1alpha1.AnswerNo {
			what += ": that contradicts the probes' headers, and counts more"
		}
		v.mtlsEvidence = append(v.mtlsEvidence,
			fmt.Sprintf("the proxy on the %s side counted %s requests through mutual TLS and %s in plain text, %s were sent%s",
				side, words.Thousands(t.mutualTLS), words.Thousands(t.plain), words.Thousands(t.sent), what))
	}
	switch {
	case t.all(t.mutualTLS):
		say(v1alpha1.AnswerYes, "")
	case t.all(t.plain):
		say(v1alpha1.AnswerNo, "")
	case t.none(t.mutualTLS) && t.none(t.plain):
		// What the proxy does not know is no answer: headers decide.
		v.mtlsEvidence = append(v.mtlsEvidence,
			fmt.Sprintf("the proxy on the %s side does not say of %s requests whether they went through mutual TLS", side,
				words.Thousands(t.counted)))
	default:
		say(v1alpha1.AnswerUnknown, ": only a part of them")
	}
}

// untold says of the counters that would tell mutual TLS why they do not.
func (v *verification) untold() []string {
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
