package meter

import (
	"context"
	"maps"
	"slices"
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
	mu sync.Mutex
	// ended is when the last load ends.
	ended    time.Time
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
	// quiet is when the load before a window without load had ended.
	quiet time.Time
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
	m := &Meter{options: o, ending: make(chan time.Time, 1), own: map[types.NamespacedName]ownPod{}, further: o.Nodes,
		asked: map[string]question{}, answers: map[string]v1alpha1.Resources{}}
	for _, s := range o.Sources {
		m.sources = append(m.sources, &tried{Source: s})
	}
	return m
}

// Ending says when load pods will end. Just before, sources are polled once more.
func (m *Meter) Ending(at time.Time) {
	m.mu.Lock()
	m.ended = at
	m.mu.Unlock()
	select {
	case m.ending <- at:
	default: // another end is as good, and nobody may be listening
	}
}

// Watch adds pods of the run, and their nodes. It reports whether any source
// can be read; for a node that is new it looks at once.
func (m *Meter) Watch(ctx context.Context, side v1alpha1.Side, pods ...*corev1.Pod) bool {
	return m.watch(ctx, side, nil, pods)
}

// WatchService adds the pods behind a Service of the user's. All of their containers
// but the proxies, by name, are the application.
func (m *Meter) WatchService(ctx context.Context, proxies []string, pods ...*corev1.Pod) bool {
	return m.watch(ctx, v1alpha1.SideServer, func(name string) bool { return !slices.Contains(proxies, name) }, pods)
}

func (m *Meter) watch(ctx context.Context, side v1alpha1.Side, application func(name string) bool,
	pods []*corev1.Pod) bool {
	m.mu.Lock()
	before := len(scope{own: m.own}.nodes())
	for _, p := range pods {
		own := ownPod{node: p.Spec.NodeName, side: side, applications: map[string]bool{}}
		for _, c := range p.Spec.Containers {
			if application != nil && application(c.Name) {
				own.applications[c.Name] = true
			}
		}
		for _, c := range p.Spec.Containers {
			own.containers = append(own.containers, c.Name)
		}
		for _, c := range p.Spec.InitContainers {
			if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
				own.containers = append(own.containers, c.Name)
			}
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
	m.asked[id] = question{window: w, pods: pods, quiet: m.ended}
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
