package loadgen

import (
	"context"
	"fmt"
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
}

// countsBefore reads them before the first connection is opened; nil where
// there are none. What the target's proxy counted came with its probe.
func countsBefore(ctx context.Context, s wire.LoadSpec, probe wire.Probe) *counting {
	if s.Counters == nil && probe.Counters == nil {
		return nil
	}
	c := &counting{from: time.Now()}
	if probe.Counters != nil {
		c.Server = &wire.ProxyInterval{Before: *probe.Counters}
	}
	if s.Counters != nil {
		c.Client = &wire.ProxyInterval{Before: proxystat.Read(ctx, *s.Counters)}
	}
	return c
}

// after reads them once more, when the last answer has come.
func (c *counting) after(ctx context.Context, s wire.LoadSpec, sent int64) {
	c.Sent, c.Seconds = sent, time.Since(c.from).Seconds()
	if c.Client != nil {
		c.Client.After = proxystat.Read(ctx, *s.Counters)
	}
	if c.Server == nil {
		return
	}
	probe, err := ask(ctx, s)
	switch {
	case err != nil:
		c.Server.After.Unread = fmt.Sprintf("the target did not answer after the window: %v", err)
	case probe.Counters == nil:
		c.Server.After.Unread = "another target answered after the window"
	default:
		c.Server.After = *probe.Counters
	}
}
