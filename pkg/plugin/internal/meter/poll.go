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
	first := m.scope().components == nil
	if first {
		m.resolve(ctx)
	}
	m.pollSources(ctx)
	if !first && ctx.Err() == nil {
		m.resolve(ctx) // after the kubelets, whose containers may be about to end
	}
}

func (m *Meter) pollSources(ctx context.Context) {
	s := m.scope()
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

// resolve asks again which pods are the components'; it is called with polling held.
func (m *Meter) resolve(ctx context.Context) {
	if len(m.options.Components) == 0 {
		return
	}
	bounded, stop := context.WithTimeout(ctx, pollLimit)
	defer stop()
	m.mu.Lock()
	before := m.resolved
	m.mu.Unlock()
	now := resolve(bounded, m.options.Pods, m.options.Components, before)
	m.mu.Lock()
	m.resolved = now
	m.mu.Unlock()
}

// scope is what there is to measure, as far as it was seen.
func (m *Meter) scope() scope {
	m.mu.Lock()
	defer m.mu.Unlock()
	return scope{own: maps.Clone(m.own), further: m.further, components: m.resolved, worker: m.options.Worker}
}

// settle answers what can be answered, or, if it is the last chance, everything.
func (m *Meter) settle(ctx context.Context, last bool) {
	m.settling.Lock()
	defer m.settling.Unlock()
	m.mu.Lock()
	asked := maps.Clone(m.asked)
	m.mu.Unlock()
	s := m.scope()
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
