package loadgen

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const (
	// longHeld is what a request is held for that counts as held.
	longHeld = time.Second
	// mostGaps bounds what a result lists, and keptGaps what is kept meanwhile.
	mostGaps = 256
	keptGaps = 16 * mostGaps
)

// continuity follows how answers come through a disturbance. All times count from
// the start of the window.
type continuity struct {
	start        time.Time
	at, end      time.Duration
	mu           sync.Mutex
	last         time.Duration // when the latest answer came
	gaps         []span        // by their beginning
	unlisted     time.Duration
	failed, held int64
	lastFailed   *time.Duration
}

type span struct{ from, to time.Duration }

func (s span) length() time.Duration { return s.to - s.from }

func newContinuity(start time.Time, at, window time.Duration) *continuity {
	return &continuity{start: start, at: at, end: window}
}

// record takes a sample, whose due instant is in the window.
func (c *continuity) record(s sample) {
	due, ended := s.due.Sub(c.start), s.ended.Sub(c.start)
	c.mu.Lock()
	defer c.mu.Unlock()
	if ended-due > longHeld {
		c.held++
	}
	switch {
	case s.failure == nil:
		c.answered(ended)
	case due >= c.at:
		c.failed++
		if c.lastFailed == nil || due > *c.lastFailed {
			c.lastFailed = &due
		}
	}
}

// recordUnsent takes in n requests that were never sent; the earliest was due so
// long before the end of the window, the others one interval apart.
func (c *continuity) recordUnsent(n int64, earliest, interval time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if earliest <= longHeld {
		return
	}
	if interval <= 0 {
		c.held += n
		return
	}
	c.held += min(n, int64((earliest-longHeld-1)/interval)+1)
}

// answered ends a gap. Connections are recorded one after the other, but not quite
// in the order in which their answers came: a late one splits the gap that it was in.
func (c *continuity) answered(at time.Duration) {
	at = min(max(at, 0), c.end)
	if at >= c.last {
		c.keep(span{c.last, at})
		c.last = at
		return
	}
	i, _ := slices.BinarySearchFunc(c.gaps, at, func(g span, at time.Duration) int { return cmp.Compare(g.to, at) })
	if i == len(c.gaps) || c.gaps[i].from >= at || c.gaps[i].to <= at {
		return
	}
	rest := span{at, c.gaps[i].to}
	c.gaps[i].to = at
	c.gaps = slices.Insert(c.gaps, i+1, rest)
}

func (c *continuity) keep(g span) {
	if g.length() <= c.unlisted {
		return
	}
	if c.gaps = append(c.gaps, g); len(c.gaps) > keptGaps {
		c.forget(keptGaps / 2)
	}
}

// forget keeps the longest gaps alone.
func (c *continuity) forget(most int) {
	if len(c.gaps) <= most {
		return
	}
	lengths := make([]time.Duration, len(c.gaps))
	for i, g := range c.gaps {
		lengths[i] = g.length()
	}
	slices.Sort(lengths)
	c.unlisted = max(c.unlisted, lengths[len(lengths)-most-1])
	c.gaps = slices.DeleteFunc(c.gaps, func(g span) bool { return g.length() <= c.unlisted })
}

// result ends with the window.
func (c *continuity) result() *v1alpha1.Continuity {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answered(c.end)
	c.forget(mostGaps)
	out := &v1alpha1.Continuity{Failed: c.failed, Held: c.held, UnlistedSeconds: c.unlisted.Seconds()}
	for _, g := range c.gaps {
		out.Gaps = append(out.Gaps, v1alpha1.Gap{FromSeconds: g.from.Seconds(), ToSeconds: g.to.Seconds()})
	}
	if c.lastFailed != nil {
		last := c.lastFailed.Seconds()
		out.LastFailedSeconds = &last
	}
	return out
}
