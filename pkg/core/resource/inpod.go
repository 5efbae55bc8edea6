package resource

import (
	"cmp"
	"slices"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// PodReading is what the worker in one pod said of it.
type PodReading struct {
	Namespace, Pod, Node string
	Side                 v1alpha1.Side
	Containers           []PodContainer
	// Usages are in the order in which the worker wrote them.
	Usages []wire.Usage
	// Ahead is how far the worker's clock was ahead of ours when its frames
	// came in, less the shortest time one took; nil if none came live.
	Ahead *time.Duration
	// Lost says why Usages is empty or ends early; empty if it is not known.
	Lost string
}

// PodContainer is a container as the pod's status names it.
type PodContainer struct {
	Name string
	// Own is set for the worker's.
	Own  bool
	Part v1alpha1.Part
	// IDs are those of its instances that are known, without the runtime's prefix.
	IDs []string
	// LimitCores is its CPU limit; nil where it has none.
	LimitCores *float64
	// Restarts are instants at which an instance ended or a later one began.
	Restarts []time.Time
}

// mostPoints bounds a series: longer windows have fewer samples a second.
const mostPoints = 900

// InPod returns what the pods and the nodes of some readings used in a window.
// The window is by the clock of the first reading; those on other nodes are
// shifted by the difference of the clocks where it is known. A node, or a
// machine that several nodes share, is counted by the first reading that saw it.
func InPod(window v1alpha1.Window, readings []PodReading) v1alpha1.Resources {
	out := v1alpha1.Resources{}
	var resolution *float64
	missing := ""
	for i, p := range readings {
		cut := within(window, p, shift(readings[0], p))
		for _, c := range p.Containers {
			out.Containers = append(out.Containers, usageOf(p, c, cut, window))
		}
		if !slices.ContainsFunc(readings[:i], func(q PodReading) bool { return q.Node == p.Node }) {
			out.Nodes = append(out.Nodes, nodeUsage(p, cut, window))
		}
		if reason := p.why(cut); reason != "" {
			missing = cmp.Or(missing, reason)
		} else if d := distance(cut); resolution == nil || d > *resolution {
			resolution = &d
		}
	}
	out.Sources = []v1alpha1.ResourceSource{{Name: v1alpha1.SourceInPod, Missing: missing, ResolutionSeconds: resolution}}
	return out
}

// shift is what the clock of a reading is ahead of the first one's. The difference is
// known to the time that a line of a log takes; less is taken for none.
func shift(first, p PodReading) time.Duration {
	const known = 250 * time.Millisecond
	if first.Node == p.Node || first.Ahead == nil || p.Ahead == nil {
		return 0
	}
	if d := *p.Ahead - *first.Ahead; d.Abs() >= known {
		return d
	}
	return 0
}

// lateness is how late a load worker may take the sample at the end of its
// window. Its load has ended by then, so the sample counts as one of the end.
const lateness = 250 * time.Millisecond

// within are the usages inside a window, its ends included: a figure between
// two samples is nobody's measurement.
func within(window v1alpha1.Window, p PodReading, ahead time.Duration) []wire.Usage {
	const grain = time.Millisecond
	var in []wire.Usage
	for _, u := range p.Usages {
		u.At = u.At.Add(-ahead)
		if p.Side == v1alpha1.SideClient && u.At.After(window.EndedAt) && u.At.Before(window.EndedAt.Add(lateness)) {
			u.At = window.EndedAt
		}
		if !u.At.Before(window.StartedAt.Add(-grain)) && !u.At.After(window.EndedAt.Add(grain)) {
			in = append(in, u)
		}
	}
	return in
}

// why says why nothing was measured over these usages.
func (p PodReading) why(cut []wire.Usage) string {
	switch {
	case len(cut) >= 2:
		return cut[len(cut)-1].Hidden
	case p.Lost != "":
		return p.Lost
	case len(p.Usages) == 0:
		return "the worker said nothing of it"
	}
	return "the window holds fewer than two samples"
}

// distance is the mean time between samples.
func distance(cut []wire.Usage) float64 {
	return cut[len(cut)-1].At.Sub(cut[0].At).Seconds() / float64(len(cut)-1)
}

// usageOf is what one container used between the usages of its pod's worker.
func usageOf(p PodReading, c PodContainer, cut []wire.Usage, window v1alpha1.Window) v1alpha1.ContainerUsage {
	out := v1alpha1.ContainerUsage{
		Namespace: p.Namespace, Pod: p.Pod, Container: c.Name, Node: p.Node, Side: p.Side, Part: c.Part,
		Source: v1alpha1.SourceInPod, CPULimitCores: c.LimitCores,
		Restarted: slices.ContainsFunc(c.Restarts,
			func(at time.Time) bool { return at.After(window.StartedAt) && at.Before(window.EndedAt) }),
	}
	s := sumOf(c, cut)
	if s.seconds <= 0 {
		out.Missing = cmp.Or(p.why(cut), "no process of it was seen")
		return out
	}
	cpu, user, system := s.cpu.Seconds(), s.user.Seconds(), s.system.Seconds()
	out.CPUSeconds, out.UserSeconds, out.SystemSeconds, out.CoveredSeconds = &cpu, &user, &system, s.seconds
	if s.memories > 0 {
		mean := float64(s.memory) / float64(s.memories)
		out.MemoryMeanBytes, out.MemoryMaxBytes = &mean, &s.memoryMax
	}
	if s.threads > 0 {
		cores := s.busiest.Seconds() / s.threads
		out.BusiestThreadCores = &cores
	}
	if s.limit != nil {
		out.CPULimitCores = s.limit
	}
	out.Periods, out.ThrottledPeriods = s.periods, s.throttled
	out.Series = s.series.thinned(window)
	return out
}

// sum is what was counted from the first usage to the last.
type sum struct {
	seconds           float64
	cpu, user, system time.Duration
	memory, memoryMax int64
	memories          int64
	busiest           time.Duration
	threads           float64 // seconds in which threads were told apart
	limit             *float64
	periods           *int64
	throttled         *int64
	series            points
}

func sumOf(c PodContainer, cut []wire.Usage) sum {
	var s sum
	for i := 1; i < len(cut); i++ {
		from, to := cut[i-1], cut[i]
		seconds := to.At.Sub(from.At).Seconds()
		if !from.Since.Equal(to.Since) || seconds <= 0 {
			continue // another worker began to count
		}
		now := c.in(to)
		if len(now) == 0 {
			continue
		}
		var cpu, user, system time.Duration
		var rss int64
		var busiest *time.Duration
		falls := false
		for _, n := range now {
			// A container that was not there yet began at 0.
			before := byID(from, n.ID)
			cpu += time.Duration(n.CPUNs - before.CPUNs)
			user += time.Duration(n.UserMs-before.UserMs) * time.Millisecond
			system += time.Duration(n.SystemMs-before.SystemMs) * time.Millisecond
			rss += n.RSSBytes
			falls = falls || n.CPUNs < before.CPUNs
			if n.BusiestNs != nil && (busiest == nil || time.Duration(*n.BusiestNs) > *busiest) {
				b := time.Duration(*n.BusiestNs)
				busiest = &b
			}
			s.limit = n.LimitCores
			s.periods = grown(s.periods, before.Periods, n.Periods)
			s.throttled = grown(s.throttled, before.Throttled, n.Throttled)
		}
		if falls {
			continue // no counter of ours does that
		}
		s.seconds += seconds
		s.cpu, s.user, s.system = s.cpu+cpu, s.user+user, s.system+system
		if rss > 0 {
			s.memory, s.memories, s.memoryMax = s.memory+rss, s.memories+1, max(s.memoryMax, rss)
		}
		if busiest != nil {
			s.busiest, s.threads = s.busiest+*busiest, s.threads+seconds
		}
		s.series = append(s.series, point{at: to.At, seconds: seconds, cpu: cpu.Seconds(), memory: rss})
	}
	return s
}

// in are the counters of a container's instances.
func (c PodContainer) in(u wire.Usage) []wire.ContainerCounters {
	var out []wire.ContainerCounters
	for _, n := range u.Containers {
		own := c.Own && n.ID == ""
		if own || n.ID != "" &&
			slices.ContainsFunc(c.IDs, func(id string) bool { return len(id) >= len(n.ID) && id[:len(n.ID)] == n.ID }) {
			out = append(out, n)
		}
	}
	return out
}

func byID(u wire.Usage, id string) wire.ContainerCounters {
	for _, n := range u.Containers {
		if n.ID == id {
			return n
		}
	}
	return wire.ContainerCounters{}
}

// grown adds the growth of a counter that may be hidden.
func grown(sum, from, to *int64) *int64 {
	if from == nil || to == nil || *to < *from {
		return sum
	}
	d := *to - *from
	if sum != nil {
		d += *sum
	}
	return &d
}
