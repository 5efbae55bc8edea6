package meter

import (
	"context"
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// read puts together what the sources know of a window. whole is false while
// samples past its end may still come.
func (m *Meter) read(ctx context.Context, s scope, w v1alpha1.Window) (r v1alpha1.Resources, whole bool) {
	b := builder{scope: s, window: w, all: m.options.All, nameless: map[string]bool{}}
	used, awaiting := false, false
	for _, source := range m.sources {
		looked, failed := m.state(source)
		if !looked {
			continue
		}
		entry := v1alpha1.ResourceSource{Name: source.name(), Missing: failed}
		l, err := source.readings(ctx, s, w)
		if err == nil && s.quiet != nil {
			l = l.around(w)
			l.onlyBetween(*s.quiet, w.EndedAt)
		}
		if err != nil {
			entry.Missing = err.Error()
		} else if b.add(l, source.name()) {
			entry.Missing = ""
			entry.ResolutionSeconds = l.resolution(s)
			used, awaiting = true, awaiting || l.awaits(s, w)
		} else if entry.Missing == "" {
			entry.Missing = "no samples of any of these pods and nodes in the window"
		}
		if l != nil {
			entry.Queries = l.queries
		}
		b.result.Sources = append(b.result.Sources, entry)
	}
	b.fillIn()
	return b.result, used && !awaiting
}

// state says what became of a source the last time.
func (m *Meter) state(s *tried) (looked bool, failed string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return s.looked, s.failed
}

// builder takes each figure from the first source that has it.
type builder struct {
	scope  scope
	window v1alpha1.Window
	all    bool
	result v1alpha1.Resources
	// nameless are nodes whose rows name no pod at all.
	nameless map[string]bool
}

// add takes what a source has and no better one had. It reports whether that
// was anything.
func (b *builder) add(l *readings, source v1alpha1.SourceName) bool {
	used := false
	for node := range l.nameless {
		if l.nameless[node] && !l.named[node] {
			b.nameless[node] = true
		}
	}
	for _, u := range l.usages(b.scope, b.window, source) {
		used = b.container(u) || used
	}
	seen := map[string]bool{}
	for _, u := range b.result.Containers {
		seen[u.Node] = seen[u.Node] || u.Side == v1alpha1.SideOther
	}
	for _, u := range l.tenants(b.scope, b.window, source) {
		if b.all || !seen[u.Node] {
			b.result.Containers = append(b.result.Containers, u)
		}
	}
	for _, node := range b.scope.nodes() {
		if n := l.nodes[node]; n != nil {
			used = b.node(n.usage(node, b.window, source)) || used
		}
	}
	return used
}

func (b *builder) container(u v1alpha1.ContainerUsage) bool {
	i := slices.IndexFunc(b.result.Containers, func(have v1alpha1.ContainerUsage) bool {
		return have.Namespace == u.Namespace && have.Pod == u.Pod && have.Container == u.Container
	})
	switch {
	case i < 0 || b.all:
		b.result.Containers = append(b.result.Containers, u)
	case b.result.Containers[i].Missing != "" && u.Missing == "":
		b.result.Containers[i] = u
	default:
		return false
	}
	return u.Missing == ""
}

func (b *builder) node(u v1alpha1.NodeUsage) bool {
	i := slices.IndexFunc(b.result.Nodes, func(have v1alpha1.NodeUsage) bool { return have.Node == u.Node })
	switch {
	case i < 0 || b.all:
		b.result.Nodes = append(b.result.Nodes, u)
	case b.result.Nodes[i].Missing != "" && u.Missing == "":
		b.result.Nodes[i] = u
	default:
		return false
	}
	return u.Missing == ""
}

// fillIn names what no source knew.
func (b *builder) fillIn() {
	if len(b.result.Sources) == 0 {
		return
	}
	best := b.result.Sources[0]
	why := func() string {
		if best.Missing != "" {
			return best.Missing
		}
		return "no source has samples of it"
	}
	for _, node := range b.scope.nodes() {
		if !slices.ContainsFunc(b.result.Nodes, func(u v1alpha1.NodeUsage) bool { return u.Node == node }) {
			b.result.Nodes = append(b.result.Nodes, v1alpha1.NodeUsage{Node: node, Source: best.Name, Missing: why()})
		}
	}
	for name, own := range b.scope.own {
		if _, takes := b.scope.takes(name.Namespace, name.Name); takes {
			reason := why()
			if b.nameless[own.node] {
				reason = "the kubelet's rows name no pods, as under cri-dockerd: which are ours cannot be told"
			}
			b.fillInPod(name, own, best.Name, reason)
		}
	}
	slices.SortStableFunc(b.result.Containers, compareUsages)
	for _, c := range b.scope.components {
		found := slices.ContainsFunc(b.result.Containers,
			func(u v1alpha1.ContainerUsage) bool { return c.has(u.Namespace, u.Pod) })
		if found {
			continue
		}
		u := v1alpha1.ContainerUsage{Namespace: c.Namespace, Pod: c.label(), Side: c.Side, Part: c.Part, Source: best.Name,
			Missing: c.missing}
		if u.Missing == "" {
			u.Missing = why()
		}
		b.result.Containers = append(b.result.Containers, u)
	}
}

func (b *builder) fillInPod(name types.NamespacedName, own ownPod, source v1alpha1.SourceName, why string) {
	for _, c := range own.containers {
		found := slices.ContainsFunc(b.result.Containers, func(u v1alpha1.ContainerUsage) bool {
			return u.Namespace == name.Namespace && u.Pod == name.Name && u.Container == c
		})
		if found {
			continue
		}
		u := v1alpha1.ContainerUsage{Namespace: name.Namespace, Pod: name.Name, Container: c, Node: own.node, Source: source,
			Missing: why}
		u.Side, u.Part, _ = b.scope.place(name.Namespace, name.Name, c)
		b.result.Containers = append(b.result.Containers, u)
	}
}

// label stands for the name of a pod that is not known.
func (r resolved) label() string {
	if r.Selector != "" {
		return fmt.Sprintf("(pods with %s)", r.Selector)
	}
	return fmt.Sprintf("(pods named %s)", r.NamePattern)
}

// awaits reports whether a container that goes on, or a node, has no sample
// past the window's end yet. Load pods end with their windows.
func (l *readings) awaits(s scope, w v1alpha1.Window) bool {
	late := func(at time.Time) bool { return at.Before(w.EndedAt) && w.EndedAt.Sub(at) < staleAfter }
	for id, x := range l.containers {
		side, _, relevant := s.place(id.Namespace, id.Pod, id.Container)
		if relevant && id.Container != "" && side != v1alpha1.SideClient && x.cpu.begun && late(x.cpu.at) {
			return true
		}
	}
	for _, n := range l.nodes {
		for _, c := range n.roots {
			if c.total.begun && late(c.total.at) {
				return true
			}
		}
	}
	return false
}

// resolution is the median distance of the samples of what matters, in seconds.
func (l *readings) resolution(s scope) *float64 {
	var all []float64
	for id, x := range l.containers {
		if _, _, relevant := s.place(id.Namespace, id.Pod, id.Container); relevant && id.Container != "" {
			for _, span := range x.cpu.spans {
				all = append(all, span.seconds())
			}
		}
	}
	for _, n := range l.nodes {
		for _, r := range n.roots {
			for _, span := range r.total.spans {
				all = append(all, span.seconds())
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	slices.Sort(all)
	return &all[len(all)/2]
}
