package resource

import (
	"cmp"
	"fmt"
	"math"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const (
	// mostCores is more than any machine has: what a figure is held against where
	// the number of processors is not told.
	mostCores = 8192
	// mostBytes is more memory than any machine has.
	mostBytes = 1 << 56
	// slack is what clocks and ticks may add to a figure that is possible.
	slack = 1.1
	// slackSeconds is the same for short windows: a frame or a tick too late.
	slackSeconds = 1.0
)

// Impossible says why nobody can have used that much CPU time, or for that
// long, in a window of that length; empty if somebody can. cores is what there
// was to use; 0 or less stands for not known.
func Impossible(cpuSeconds, coveredSeconds, windowSeconds, cores float64) string {
	if !(cores > 0) || cores > mostCores {
		cores = mostCores
	}
	finite := func(v float64) bool { return v >= 0 && !math.IsInf(v, 0) } // false of NaN
	switch {
	case !finite(cpuSeconds) || !finite(coveredSeconds):
		return fmt.Sprintf("impossible: %g s of CPU time over %g s", cpuSeconds, coveredSeconds)
	case coveredSeconds > windowSeconds*slack+slackSeconds:
		return fmt.Sprintf("impossible: samples cover %.1f s of a window of %.1f s", coveredSeconds, windowSeconds)
	case cpuSeconds > cores*(coveredSeconds*slack+slackSeconds):
		return fmt.Sprintf("impossible: %.4g s of CPU time in %.1f s on %g CPUs", cpuSeconds, coveredSeconds, cores)
	}
	return ""
}

// Possible returns what a source says without what cannot be: a figure that is
// impossible is missing, with the reason. It is the last net before figures
// are stored, whoever they came from; what it returns can be encoded.
func Possible(r v1alpha1.Resources, window v1alpha1.Window) v1alpha1.Resources {
	length := windowSeconds(window)
	cpus := map[string]float64{}
	nodes := make([]v1alpha1.NodeUsage, len(r.Nodes))
	for i, n := range r.Nodes {
		if n.CPUs < 0 || n.CPUs > mostCores {
			n.CPUs = 0
		}
		cpus[n.Node] = max(cpus[n.Node], float64(n.CPUs))
		nodes[i] = possibleNode(n, length)
	}
	containers := make([]v1alpha1.ContainerUsage, len(r.Containers))
	for i, c := range r.Containers {
		containers[i] = possibleContainer(c, length, cpus[c.Node])
	}
	sources := append([]v1alpha1.ResourceSource(nil), r.Sources...)
	for i := range sources {
		keepFinite(&sources[i].ResolutionSeconds)
	}
	out := v1alpha1.Resources{Sources: sources}
	if len(nodes) > 0 {
		out.Nodes = nodes
	}
	if len(containers) > 0 {
		out.Containers = containers
	}
	return out
}

func windowSeconds(w v1alpha1.Window) float64 {
	return cmp.Or(w.EndedAt.Sub(w.StartedAt).Seconds(), w.Seconds)
}

func possibleNode(n v1alpha1.NodeUsage, length float64) v1alpha1.NodeUsage {
	out := v1alpha1.NodeUsage{Node: n.Node, Source: n.Source, Machine: n.Machine, CPUs: n.CPUs, Missing: n.Missing,
		ClockOffsetSeconds: n.ClockOffsetSeconds}
	keepFinite(&out.ClockOffsetSeconds)
	if n.CPUSeconds == nil {
		return out
	}
	if why := Impossible(*n.CPUSeconds, n.CoveredSeconds, length, float64(n.CPUs)); why != "" {
		out.Missing = cmp.Or(out.Missing, why)
		return out
	}
	for _, mode := range []**float64{&n.UserSeconds, &n.SystemSeconds, &n.SoftIRQSeconds, &n.IRQSeconds, &n.StealSeconds,
		&n.IOWaitSeconds, &n.IdleSeconds} {
		if *mode != nil && Impossible(**mode, n.CoveredSeconds, length, float64(n.CPUs)) != "" {
			*mode = nil
		}
	}
	if p := n.CPUPressureRatio; p != nil && !(*p >= 0 && *p <= 1) {
		n.CPUPressureRatio = nil
	}
	keepFinite(&n.CPUErrorSeconds)
	keepFinite(&n.ClockOffsetSeconds)
	n.Series = possibleSeries(n.Series, float64(n.CPUs))
	return n
}

func possibleContainer(c v1alpha1.ContainerUsage, length, cpus float64) v1alpha1.ContainerUsage {
	out := v1alpha1.ContainerUsage{Namespace: c.Namespace, Pod: c.Pod, Container: c.Container, Node: c.Node, Side: c.Side,
		Part: c.Part, Source: c.Source, Missing: c.Missing, CPULimitCores: c.CPULimitCores}
	if l := out.CPULimitCores; l != nil && !(*l > 0 && *l <= mostCores) {
		out.CPULimitCores, c.CPULimitCores = nil, nil
	}
	if c.CPUSeconds == nil {
		return out
	}
	if why := Impossible(*c.CPUSeconds, c.CoveredSeconds, length, cpus); why != "" {
		out.Missing = cmp.Or(out.Missing, why)
		return out
	}
	for _, part := range []**float64{&c.UserSeconds, &c.SystemSeconds, &c.BusiestThreadCores} {
		if *part != nil && Impossible(**part, c.CoveredSeconds, length, cpus) != "" {
			*part = nil
		}
	}
	if m := c.MemoryMeanBytes; m != nil && !(*m >= 0 && *m <= mostBytes) {
		c.MemoryMeanBytes = nil
	}
	if m := c.MemoryMaxBytes; m != nil && (*m < 0 || *m > mostBytes) {
		c.MemoryMaxBytes = nil
	}
	keepFinite(&c.CPUErrorSeconds)
	c.Series = possibleSeries(c.Series, cpus)
	return c
}

// possibleSeries leaves out a series that has an impossible sample.
func possibleSeries(s *v1alpha1.UsageSeries, cpus float64) *v1alpha1.UsageSeries {
	if s == nil {
		return nil
	}
	if !(cpus > 0) {
		cpus = mostCores
	}
	for _, at := range s.OffsetSeconds {
		if math.IsNaN(at) || math.IsInf(at, 0) {
			return nil
		}
	}
	for _, cores := range s.CPUCores {
		// One sample may hold a little of its neighbours'.
		if !(cores >= 0 && cores <= 2*cpus) {
			return nil
		}
	}
	return s
}

func keepFinite(v **float64) {
	if *v != nil && (math.IsNaN(**v) || math.IsInf(**v, 0)) {
		*v = nil
	}
}
