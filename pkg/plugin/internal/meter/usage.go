package meter

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
)

// leastCovered is the share of a window that samples must cover for a figure.
const leastCovered = 0.5

// whyMissing says why a growth is no figure; empty if it is one. cores is what
// there was to use.
func whyMissing(g growth, w v1alpha1.Window, cores float64) string {
	length := w.EndedAt.Sub(w.StartedAt).Seconds()
	if reason := resource.Impossible(g.amount, g.covered, length, cores); reason != "" {
		return reason
	}
	switch {
	case g.covered <= 0:
		return "fewer than two samples in or around the window"
	case g.covered < leastCovered*length:
		return fmt.Sprintf("samples cover %.1f s of the %.1f s of the window", g.covered, length)
	}
	return ""
}

// usages derives what each container used in a window, from all its lives.
// Other tenants are not among them.
func (l *readings) usages(s scope, w v1alpha1.Window, source v1alpha1.SourceName) []v1alpha1.ContainerUsage {
	type name struct{ node, namespace, pod, container string }
	lives := map[name][]*series{}
	for id, x := range l.containers {
		if _, _, relevant := s.place(id.Namespace, id.Pod, id.Container); relevant && id.Container != "" {
			n := name{id.Node, id.Namespace, id.Pod, id.Container}
			lives[n] = append(lives[n], x)
		}
	}
	var all []v1alpha1.ContainerUsage
	for n, series := range lives {
		own, ours := s.takes(n.namespace, n.pod)
		if ours && !slices.Contains(own.containers, n.container) || !ours && !touches(series, w) {
			continue
		}
		u := v1alpha1.ContainerUsage{Namespace: n.namespace, Pod: n.pod, Container: n.container, Node: n.node, Source: source}
		u.Side, u.Part, _ = s.place(n.namespace, n.pod, n.container)
		derive(&u, series, w, l.cores(n.node))
		all = append(all, u)
	}
	slices.SortFunc(all, compareUsages)
	return all
}

func compareUsages(a, b v1alpha1.ContainerUsage) int {
	return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Pod, b.Pod), cmp.Compare(a.Container, b.Container))
}

// touches reports whether anything is known of the container around the
// window: a pod that was gone before it, or came after it, used nothing in it.
func touches(lives []*series, w v1alpha1.Window) bool {
	for _, s := range lives {
		if s.cpu.begun && !s.cpu.at.Before(w.StartedAt.Add(-staleAfter)) && s.first().Before(w.EndedAt) {
			return true
		}
	}
	return false
}

// derive fills in the figures. cores is how many the node has.
func derive(u *v1alpha1.ContainerUsage, all []*series, w v1alpha1.Window, cores float64) {
	lives, reason := oneEach(all)
	if u.Missing = reason; reason != "" {
		return
	}
	join := func(of func(*series) *counter) []span {
		var spans []span
		for _, s := range lives {
			spans = append(spans, of(s).spans...)
		}
		return spans
	}
	cpu := join(func(s *series) *counter { return &s.cpu })
	for i, s := range lives {
		for _, at := range s.cpu.resets {
			u.Restarted = u.Restarted || within(at, w)
		}
		u.Restarted = u.Restarted || i > 0 && within(s.first(), w)
		if s.limitCores != nil {
			u.CPULimitCores = s.limitCores
		}
	}
	usable := cores
	if u.CPULimitCores != nil {
		usable = min(cores, *u.CPULimitCores)
	}
	total := over(cpu, w, usable)
	if u.Missing = whyMissing(total, w, cores); u.Missing != "" {
		return
	}
	u.CPUSeconds, u.CoveredSeconds, u.CPUErrorSeconds = &total.amount, total.covered, &total.bound
	u.UserSeconds = amount(join(func(s *series) *counter { return &s.user }), w)
	u.SystemSeconds = amount(join(func(s *series) *counter { return &s.system }), w)
	u.Periods = count(join(func(s *series) *counter { return &s.periods }), w)
	u.ThrottledPeriods = count(join(func(s *series) *counter { return &s.throttled }), w)
	var memory []level
	for _, s := range lives {
		memory = append(memory, s.memory...)
	}
	if mean, most, ok := meanAndMax(memory, w); ok {
		bytes := int64(most)
		u.MemoryMeanBytes, u.MemoryMaxBytes = &mean, &bytes
	}
	u.Series = columns(cpu, memory, w)
}

// amount is nil unless the spans cover as much as a figure needs.
func amount(spans []span, w v1alpha1.Window) *float64 {
	g := over(spans, w, unlimited())
	if whyMissing(g, w, unlimited()) != "" {
		return nil
	}
	return &g.amount
}

func count(spans []span, w v1alpha1.Window) *int64 {
	a := amount(spans, w)
	if a == nil {
		return nil
	}
	n := int64(math.Round(*a))
	return &n
}

// columns lists the samples whose spans touch the window. Memory is left out
// unless every one of them has it.
func columns(cpu []span, memory []level, w v1alpha1.Window) *v1alpha1.UsageSeries {
	var c v1alpha1.UsageSeries
	for _, s := range cpu {
		if overlap(s, w) <= 0 {
			continue
		}
		c.OffsetSeconds = append(c.OffsetSeconds, s.to.Sub(w.StartedAt).Seconds())
		c.CPUCores = append(c.CPUCores, s.amount/s.seconds())
		for _, m := range memory {
			if m.at.Equal(s.to) {
				c.MemoryBytes = append(c.MemoryBytes, int64(m.value))
				break
			}
		}
	}
	if len(c.MemoryBytes) != len(c.OffsetSeconds) {
		c.MemoryBytes = nil
	}
	return &c
}
