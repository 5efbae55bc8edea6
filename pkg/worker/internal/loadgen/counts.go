package loadgen

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/worker/internal/proxystat"
)

// counting is the proxies' counters in the making. They are read while nothing
// is under way: a reading costs the proxy CPU time, which must be no part of
// the window, and the increase is that of the requests exactly.
type counting struct {
	wire.Counts
	from time.Time
	peer netip.AddrPort
	// served is what the target had been sent; nil where it does not tell. impostor
	// says that somebody else answered.
	served   *wire.Served
	impostor string
}

// countsBefore reads them before the first connection is opened. What the
// target and its proxy counted came with its probe.
func countsBefore(ctx context.Context, s wire.LoadSpec, probe wire.Probe, peer netip.AddrPort) *counting {
	c := &counting{from: time.Now(), peer: peer, served: probe.Served, impostor: probe.Impostor}
	if probe.Counters != nil {
		c.Server = &wire.ProxyInterval{Before: *probe.Counters}
	}
	if s.Counters != nil {
		c.Client = &wire.ProxyInterval{Before: proxystat.Read(ctx, *s.Counters)}
	}
	return c
}

// withoutSeries is a probe as reports keep it.
func withoutSeries(p wire.Probe) wire.Probe {
	if p.Counters != nil {
		kept := *p.Counters
		kept.Series = nil
		p.Counters = &kept
	}
	return p
}

// into reads them once more, when the last answer has come, and puts what was
// counted into a result.
func (c *counting) into(ctx context.Context, s wire.LoadSpec, sent int64, result *wire.Result) {
	c.Sent, c.Seconds = sent, time.Since(c.from).Seconds()
	if c.Client != nil {
		*c.Client = wire.Between(c.Client.Before, proxystat.Read(ctx, *s.Counters))
	}
	if c.Client != nil || c.Server != nil {
		result.Counts = &c.Counts
	}
	if c.Server == nil && c.served == nil && c.impostor == "" {
		return
	}
	if s.Replicas > 1 {
		c.ofSeveral(s, result)
		return
	}
	probe, err := c.askAgain(ctx, s)
	switch impostor := cmp.Or(c.impostor, probe.Impostor); {
	case impostor != "":
		result.Target = &wire.TargetCount{Sent: sent, Impostor: impostor}
	case err == nil && c.served != nil && probe.Served != nil && probe.Served.Own >= c.served.Own:
		result.Target = &wire.TargetCount{Sent: sent, Before: *c.served, After: *probe.Served}
	}
	if c.Server == nil {
		return
	}
	var after wire.ProxyReading
	switch {
	case err != nil:
		after.Unread = fmt.Sprintf("the target did not answer after the window: %v", err)
	case probe.Counters == nil:
		after.Unread = "another target answered after the window"
	default:
		after = *probe.Counters
	}
	*c.Server = wire.Between(c.Server.Before, after)
}

// ofSeveral is what can be said of several targets by one of them: who another than
// those is, and no count of all.
func (c *counting) ofSeveral(s wire.LoadSpec, result *wire.Result) {
	if c.impostor != "" {
		result.Target = &wire.TargetCount{Sent: c.Sent, Impostor: c.impostor}
	}
	if c.Server != nil {
		c.Server.After = wire.ProxyReading{Unread: fmt.Sprintf("%d targets share the address, and the proxies of "+
			"those that did not answer the probe cannot be read", s.Replicas)}
	}
}

// askAgain asks more than once: behind one address there may be others beside
// the target, who do not know what a probe is.
func (c *counting) askAgain(ctx context.Context, s wire.LoadSpec) (probe wire.Probe, err error) {
	const times = 3
	for range times {
		if probe, err = ask(ctx, s, nil, c.peer); err == nil {
			return probe, nil
		}
	}
	return probe, err
}
