package meter

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// history is what was read, one poll after the other, from a source that keeps
// no history itself. It is added to and read at the same time.
type history struct {
	mu   sync.Mutex
	kept *readings
}

func newHistory() history { return history{kept: newReadings()} }

// add lets observe add to what is kept.
func (h *history) add(observe func(*readings)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	observe(h.kept)
}

func (h *history) readings(_ context.Context, _ scope, w v1alpha1.Window) (*readings, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.kept.around(w), nil
}

func (h *history) forget(before time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.kept.forget(before)
}

// around copies what is known from staleAfter before a window until as long
// after it.
func (l *readings) around(w v1alpha1.Window) *readings {
	from, to := w.StartedAt.Add(-staleAfter), w.EndedAt.Add(staleAfter)
	part := newReadings()
	part.queries = l.queries
	for id, s := range l.containers {
		cut := *s
		for _, c := range []*counter{&cut.cpu, &cut.user, &cut.system, &cut.periods, &cut.throttled} {
			*c = c.between(from, to)
		}
		cut.processors = eachBetween(s.processors, from, to)
		cut.memory = slices.DeleteFunc(slices.Clone(s.memory),
			func(m level) bool { return m.at.Before(from) || m.at.After(to) })
		part.containers[id] = &cut
	}
	for name, n := range l.nodes {
		cut := newNodeSeries()
		cut.cpus, cut.missing = n.cpus, n.missing
		for key, r := range n.roots {
			cut.roots[key] = &rootSeries{labels: r.labels, total: r.total.between(from, to), user: r.user.between(from, to),
				system: r.system.between(from, to)}
		}
		for key, e := range n.exporters {
			cut.exporters[key] = &exporterSeries{labels: e.labels, perCPU: eachBetween(e.perCPU, from, to)}
		}
		part.nodes[name] = cut
	}
	return part
}

// onlyBetween leaves out what counters grew by across these edges.
func (l *readings) onlyBetween(from, to time.Time) {
	var all []*counter
	for _, s := range l.containers {
		all = append(all, s.counters()...)
	}
	for _, n := range l.nodes {
		all = append(all, n.counters()...)
	}
	for _, c := range all {
		c.spans = slices.DeleteFunc(c.spans, func(s span) bool { return s.from.Before(from) || s.to.After(to) })
	}
}

// between copies a counter with those of its spans that touch [from, to].
func (c *counter) between(from, to time.Time) counter {
	part := *c
	part.spans = slices.DeleteFunc(slices.Clone(c.spans),
		func(s span) bool { return s.to.Before(from) || s.from.After(to) })
	part.resets = slices.Clone(c.resets)
	return part
}

func eachBetween[K comparable](all map[K]*counter, from, to time.Time) map[K]*counter {
	part := map[K]*counter{}
	for key, c := range all {
		cut := c.between(from, to)
		part[key] = &cut
	}
	return part
}
