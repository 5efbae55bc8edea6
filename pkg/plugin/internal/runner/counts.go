package runner

import (
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// proxyCounts puts together what the proxies counted that the load workers
// read: each its own, and all of them the target's.
func proxyCounts(harvests []harvest, sockets int64) []v1alpha1.ProxyCount {
	var clients, servers []wire.ProxyInterval
	base := v1alpha1.ProxyCount{Sockets: sockets}
	for _, h := range harvests {
		c := h.result.Counts
		if c == nil {
			continue
		}
		base.Sent += c.Sent
		base.Seconds = max(base.Seconds, c.Seconds)
		if c.Client != nil {
			clients = append(clients, *c.Client)
		}
		if c.Server != nil {
			servers = append(servers, *c.Server)
		}
	}
	var out []v1alpha1.ProxyCount
	if len(clients) > 0 {
		out = append(out, countOf(base, v1alpha1.SideClient, clients))
	}
	if len(servers) > 0 {
		out = append(out, countOf(base, v1alpha1.SideServer, []wire.ProxyInterval{widest(servers)}))
	}
	return out
}

// countOf adds up the increases. What one pod could not read is missing from
// the sum, so then there is none.
func countOf(base v1alpha1.ProxyCount, side v1alpha1.Side, intervals []wire.ProxyInterval) v1alpha1.ProxyCount {
	out := base
	out.Side = side
	for _, i := range intervals {
		switch {
		case i.Before.Requests == nil:
			out.Unread = i.Before.Unread
		case i.After.Unread != "" || i.After.Requests == nil:
			out.Unread = i.After.Unread
		case *i.After.Requests < *i.Before.Requests:
			out.Unread = "the counter went back: the proxy was restarted"
		default:
			out.Counted = plus(out.Counted, i.Before.Requests, i.After.Requests)
			out.MutualTLS = plus(out.MutualTLS, orNone(i.Before.MutualTLS), i.After.MutualTLS)
			out.Plain = plus(out.Plain, orNone(i.Before.Plain), i.After.Plain)
			out.Connections = plus(out.Connections, orNone(i.Before.Connections), i.After.Connections)
		}
	}
	if out.Unread != "" {
		out.Counted, out.MutualTLS, out.Plain, out.Connections = nil, nil, nil, nil
	}
	return out
}

// orNone is 0 for a counter that was not there before the first request: it
// appears with what it counts.
func orNone(before *int64) *int64 {
	if before == nil {
		before = new(int64)
	}
	return before
}

func plus(sum, before, after *int64) *int64 {
	if before == nil || after == nil {
		return sum
	}
	n := *after - *before
	if sum != nil {
		n += *sum
	}
	return &n
}

// widest is the interval of one proxy that several workers read, from the
// first to the last reading. What one of them could not read stays unread.
func widest(all []wire.ProxyInterval) wire.ProxyInterval {
	out := all[0]
	for _, i := range all[1:] {
		if out.Before.Requests != nil && (i.Before.Requests == nil || *i.Before.Requests < *out.Before.Requests) {
			out.Before = i.Before
		}
		if out.After.Unread == "" && (i.After.Unread != "" || more(i.After.Requests, out.After.Requests)) {
			out.After = i.After
		}
	}
	return out
}

func more(a, b *int64) bool { return a != nil && (b == nil || *a > *b) }

// probesOfLoad are those of each load pod: when it begins and when it ends.
const probesOfLoad = 2

// received puts together what the target told the load workers of a trial: all
// of them share it, so it is what came in from the first reading to the last.
// nil unless each of them was told, by the target itself.
func received(harvests []harvest) *v1alpha1.ReceivedCount {
	if len(harvests) == 0 {
		return nil
	}
	var sent int64
	var before, after wire.Served
	for i, h := range harvests {
		c := h.result.Target
		if c == nil || c.Impostor != "" {
			return nil
		}
		sent += c.Sent
		if i == 0 {
			before = c.Before
		}
		before = wire.Served{Own: min(before.Own, c.Before.Own), Strangers: min(before.Strangers, c.Before.Strangers),
			Probes: min(before.Probes, c.Before.Probes), Faults: min(before.Faults, c.Before.Faults)}
		after = wire.Served{Own: max(after.Own, c.After.Own), Strangers: max(after.Strangers, c.After.Strangers),
			Probes: max(after.Probes, c.After.Probes), Faults: max(after.Faults, c.After.Faults)}
	}
	probes := after.Probes - before.Probes - probesOfLoad*int64(len(harvests))
	strangers := after.Strangers - before.Strangers + max(probes, 0)
	faults := after.Faults - before.Faults
	return &v1alpha1.ReceivedCount{Sent: sent, Received: after.Own - before.Own, Strangers: &strangers, Faults: &faults}
}

// impostor is what the load workers of a trial say of who answered instead of
// its target; empty if nobody did.
func impostor(harvests []harvest) string {
	for _, h := range harvests {
		if c := h.result.Target; c != nil && c.Impostor != "" {
			return c.Impostor
		}
	}
	return ""
}
