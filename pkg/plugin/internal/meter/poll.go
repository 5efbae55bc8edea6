package meter

import (
	"context"
	"maps"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const (
	// pollLimit bounds the poll of one source: one that does not answer must not
	// keep the next ones from being read.
	pollLimit = 10 * time.Second
	// lastLook is how long before load pods end sources are polled once more: what
	// is known of a container goes when the container does.
	lastLook = 500 * time.Millisecond
	// keptFor is how long samples are kept: the window that is asked for next may
	// have begun that long ago.
	keptFor = 30 * time.Minute
)

// Run polls the sources, and answers what can be answered, until ctx ends.
func (m *Meter) Run(ctx context.Context) {
	var work sync.WaitGroup
	work.Go(func() {
		tick := time.NewTicker(m.options.Every)
		defer tick.Stop()
		var last <-chan time.Time
		for {
			select {
			case <-ctx.Done():
				return
			case at := <-m.ending:
				last = time.After(at.Add(-lastLook).Sub(m.options.Now()))
			case <-last:
				last = nil
				m.poll(ctx)
			case <-tick.C:
				m.poll(ctx)
			}
		}
	})
	work.Go(func() {
		tick := time.NewTicker(m.options.Every)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				m.settle(ctx, false)
			}
		}
	})
	work.Wait()
}

// poll lets sources read, best first, until one can read everything.
func (m *Meter) poll(ctx context.Context) {
	m.polling.Lock()
	defer m.polling.Unlock()
	s := m.scope(ctx)
	for _, source := range m.sources {
		bounded, stop := context.WithTimeout(ctx, pollLimit)
		err := source.poll(bounded, s)
		stop()
		if ctx.Err() != nil {
			return // the failure is ours
		}
		m.mu.Lock()
		source.looked, source.failed = true, ""
		if err != nil {
			source.failed = err.Error()
		}
		m.mu.Unlock()
		if err == nil && !m.options.All {
			return
		}
	}
}

// scope is what there is to measure now. Components are resolved once there is
// something to measure.
func (m *Meter) scope(ctx context.Context) scope {
	m.mu.Lock()
	own, further, known := maps.Clone(m.own), m.further, m.resolved
	m.mu.Unlock()
	if known == nil && len(m.options.Components) > 0 {
		known = resolve(ctx, m.options.Pods, m.options.Components)
		m.mu.Lock()
		m.resolved = known
		m.mu.Unlock()
	}
	return scope{own: own, further: further, components: known, worker: m.options.Worker}
}

// settle answers what can be answered, or, if it is the last chance, everything.
func (m *Meter) settle(ctx context.Context, last bool) {
	m.settling.Lock()
	defer m.settling.Unlock()
	m.mu.Lock()
	asked := maps.Clone(m.asked)
	m.mu.Unlock()
	s := m.scope(ctx)
	earliest := m.options.Now()
	for id, q := range asked {
		w := q.window
		of := s.with(q.pods)
		if len(q.pods) == 0 {
			of.quiet = &q.quiet
		}
		r, whole := m.read(ctx, of, w)
		if !whole && !last && m.options.Now().Sub(w.EndedAt) < staleAfter {
			if w.StartedAt.Before(earliest) {
				earliest = w.StartedAt
			}
			continue
		}
		m.mu.Lock()
		delete(m.asked, id)
		m.answers[id] = r
		if len(q.pods) == 0 {
			m.further = nil
		}
		m.mu.Unlock()
	}
	for _, source := range m.sources {
		source.forget(earliest.Add(-keptFor))
	}
}

// with narrows the scope to the pods that take part in a window.
func (s scope) with(pods []types.NamespacedName) scope {
	s.taking = map[types.NamespacedName]bool{}
	if len(pods) > 0 {
		s.further = nil
	}
	for _, p := range pods {
		s.taking[p] = true
	}
	for name, own := range s.own {
		if len(pods) == 0 && own.side != v1alpha1.SideClient {
			s.taking[name] = true
		}
	}
	return s
}
