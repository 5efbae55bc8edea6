package meter

import (
	"context"
	"maps"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Options say what a Meter reads.
type Options struct {
	// Sources are tried in this order, the best first.
	Sources []Source
	// All asks every source, to compare them, not only the best one.
	All bool
	// Components are the parts of meshes that run in pods of their own.
	Components []Component
	// Pods resolves the selectors of Components.
	Pods PodLister
	// Nodes are looked at besides those of the run's pods until a question that
	// names no pods is answered: that of the window without load, when it is not known
	// yet where load pods will be.
	Nodes []string
	// Worker is the name of our own container; the others of our pods are proxies.
	Worker string
	// Every is how often sources are polled; zero stands for 5 s. A kubelet
	// samples a container every 10 s or less often, so nothing is missed.
	Every time.Duration
	// Now is the clock; nil stands for time.Now.
	Now func() time.Time
}

const (
	defaultEvery = 5 * time.Second
	// hurry is how often sources are polled when somebody waits for nothing else.
	hurry = time.Second
	// firstLook bounds the poll that Watch waits for.
	firstLook = 5 * time.Second
	// pollLimit bounds the poll of one source: what it keeps to itself must not
	// keep the next ones from being read.
	pollLimit = 10 * time.Second
	// lastLook is how long before the end of a window sources are polled once
	// more: what is known of a container goes when the container does.
	lastLook = 500 * time.Millisecond
)

// Meter measures what a run's pods, their nodes and the components of meshes
// use, and answers for windows once the samples past their ends are there.
type Meter struct {
	options Options
	sources []*tried
	// ending are the instants at which load pods will end.
	ending chan time.Time
	// polling is held while sources are polled, settling while they are asked: a
	// server that is slow to answer must not keep kubelets from being polled.
	polling, settling sync.Mutex
	// mu guards the rest, and what became of the sources.
	mu       sync.Mutex
	own      map[types.NamespacedName]ownPod
	further  []string
	resolved []resolved
	asked    map[string]question
	answers  map[string]v1alpha1.Resources
}

// question is a window, and the pods of the run that take part in it.
type question struct {
	window v1alpha1.Window
	pods   []types.NamespacedName
}

// tried is a source and what became of it.
type tried struct {
	Source
	// failed is why it could not be read the last time; empty if it could.
	failed string
	// looked is set once it was tried.
	looked bool
}

// New returns a Meter that watches nothing yet. Run makes it go on.
func New(o Options) *Meter {
	if o.Every <= 0 {
		o.Every = defaultEvery
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	m := &Meter{options: o, ending: make(chan time.Time, 1), own: map[types.NamespacedName]ownPod{}, further: o.Nodes, asked: map[string]question{}, answers: map[string]v1alpha1.Resources{}}
	for _, s := range o.Sources {
		m.sources = append(m.sources, &tried{Source: s})
	}
	return m
}

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

// Ending says when load pods will end. Just before, sources are polled once more.
func (m *Meter) Ending(at time.Time) {
	select {
	case m.ending <- at:
	default: // another end is as good, and nobody may be listening
	}
}

// Watch adds pods of the run, and their nodes. It reports whether any source
// can be read; for a node that is new it looks at once.
func (m *Meter) Watch(ctx context.Context, side v1alpha1.Side, pods ...*corev1.Pod) bool {
	m.mu.Lock()
	before := len(scope{own: m.own}.nodes())
	for _, p := range pods {
		own := ownPod{node: p.Spec.NodeName, side: side}
		for _, c := range p.Spec.Containers {
			own.containers = append(own.containers, c.Name)
		}
		m.own[types.NamespacedName{Namespace: p.Namespace, Name: p.Name}] = own
	}
	fresh := len(scope{own: m.own}.nodes()) > before
	m.mu.Unlock()
	if fresh {
		ctx, stop := context.WithTimeout(ctx, firstLook)
		defer stop()
		m.poll(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.sources {
		if s.looked && s.failed == "" {
			return true
		}
	}
	return false
}

// Ask wants to know what was used in a window. Of the run's pods those that are
// named take part in it; all but load pods, if none is. It does not wait.
func (m *Meter) Ask(id string, w v1alpha1.Window, pods ...types.NamespacedName) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked[id] = question{window: w, pods: pods}
}

// Answers returns what has become known since the last call, by the id it was
// asked under. With wait it returns when everything is known, or, with as much
// as there is, when ctx ends.
func (m *Meter) Answers(ctx context.Context, wait bool) map[string]v1alpha1.Resources {
	for wait && m.pending() && ctx.Err() == nil {
		m.poll(ctx)
		m.settle(ctx, false)
		if !m.pending() {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(hurry):
		}
	}
	if wait {
		// What is asked of a server now is no longer bounded by the caller's wait.
		last, stop := context.WithTimeout(context.WithoutCancel(ctx), firstLook)
		defer stop()
		m.settle(last, true)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	answers := maps.Clone(m.answers)
	clear(m.answers)
	return answers
}

func (m *Meter) pending() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.asked) > 0
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
		r, whole := m.read(ctx, s.with(q.pods), w)
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

// keptFor is how long samples are kept: the window that is asked for next may
// have begun that long ago.
const keptFor = 30 * time.Minute
