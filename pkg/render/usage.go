package render

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// usePart is who used a processor or memory, as charts tell it apart.
type usePart struct {
	name string
	// holds decides by a container's side and part; nil for whole nodes.
	holds func(v1alpha1.Side, v1alpha1.Part) bool
	// onPath parts carry or serve requests; the others only share the nodes.
	onPath bool
}

func useParts() []usePart {
	at := func(side v1alpha1.Side, application bool) func(v1alpha1.Side, v1alpha1.Part) bool {
		return func(s v1alpha1.Side, p v1alpha1.Part) bool {
			return s == side && (p == v1alpha1.PartApplication) == application
		}
	}
	is := func(side v1alpha1.Side) func(v1alpha1.Side, v1alpha1.Part) bool {
		return func(s v1alpha1.Side, _ v1alpha1.Part) bool { return s == side }
	}
	return []usePart{
		{"load generator", at(v1alpha1.SideClient, true), true},
		{"client-side proxy", at(v1alpha1.SideClient, false), true},
		{"server-side proxy", at(v1alpha1.SideServer, false), true},
		{"target", at(v1alpha1.SideServer, true), true},
		{"node proxies", is(v1alpha1.SideNode), true},
		{"waypoints", is(v1alpha1.SideWaypoint), true},
		{"control plane", is(v1alpha1.SideControlPlane), false},
		{"other tenants", is(v1alpha1.SideOther), false},
		{"whole nodes", nil, false},
	}
}

// use is what one part of one trial used.
type use struct {
	// cpuSeconds is within the whole window; nil if any container was not measured.
	cpuSeconds *float64
	// memoryMeanBytes and memoryMaxBytes are sums over containers.
	memoryMeanBytes, memoryMaxBytes *float64
	// cpuCores and memoryBytes are by the second of the window.
	cpuCores, memoryBytes map[int]float64
	// missing says which containers were not measured, and why.
	missing []string
	// present is set if the trial has such a part at all.
	present bool
}

// useOf sums up what a part used in a trial's window, each container by the
// best source that measured it.
func useOf(t v1alpha1.Trial, part usePart) use {
	u := use{}
	if t.Resources == nil || t.Window == nil {
		return u
	}
	if part.holds == nil {
		for _, n := range best(t.Resources.Nodes, func(n v1alpha1.NodeUsage) (string, v1alpha1.SourceName, bool) {
			return n.Node, n.Source, n.Missing == "" && n.CPUSeconds != nil
		}) {
			u.add(t.Window.Seconds, n.Node, n.Missing, n.CPUSeconds, n.CoveredSeconds, nil, nil, n.Series)
		}
		return u
	}
	for _, c := range best(t.Resources.Containers, func(c v1alpha1.ContainerUsage) (string, v1alpha1.SourceName, bool) {
		return c.Namespace + "/" + c.Pod + "/" + c.Container, c.Source, c.Missing == "" && c.CPUSeconds != nil
	}) {
		if part.holds(c.Side, c.Part) {
			u.add(t.Window.Seconds, c.Container+" of "+c.Namespace+"/"+c.Pod, c.Missing, c.CPUSeconds, c.CoveredSeconds, c.MemoryMeanBytes, c.MemoryMaxBytes, c.Series)
		}
	}
	return u
}

// best keeps one entry per name: one that measured before one that did not,
// then the better source. The order is that of the names.
func best[T any](all []T, of func(T) (name string, source v1alpha1.SourceName, measured bool)) []T {
	sources := []v1alpha1.SourceName{v1alpha1.SourceInPod, v1alpha1.SourceCAdvisor, v1alpha1.SourcePrometheus, v1alpha1.SourceMetricsAPI}
	rank := func(x T) int {
		_, source, measured := of(x)
		r := slices.Index(sources, source)
		if r < 0 {
			r = len(sources)
		}
		if !measured {
			r += 1 + len(sources)
		}
		return r
	}
	chosen := map[string]T{}
	for _, x := range all {
		name, _, _ := of(x)
		if old, ok := chosen[name]; !ok || rank(x) < rank(old) {
			chosen[name] = x
		}
	}
	var out []T
	for _, x := range chosen {
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b T) int {
		x, _, _ := of(a)
		y, _, _ := of(b)
		return cmp.Compare(x, y)
	})
	return out
}

// add counts one container or node in. What is not measured makes the sum
// unknown, never smaller.
func (u *use) add(window float64, name, missing string, cpu *float64, covered float64, memoryMean *float64, memoryMax *int64, series *v1alpha1.UsageSeries) {
	first := !u.present
	u.present = true
	if cpu == nil && missing == "" {
		missing = "no source tells"
	}
	if missing != "" {
		u.missing = append(u.missing, name+": "+missing)
	}
	inWindow := cpu
	if cpu != nil && covered > 0 && covered < window {
		v := *cpu * window / covered
		inWindow = &v
	}
	var most *float64
	if memoryMax != nil {
		v := float64(*memoryMax)
		most = &v
	}
	cores, memory := bySecond(window, series)
	if first {
		u.cpuSeconds, u.memoryMeanBytes, u.memoryMaxBytes = inWindow, memoryMean, most
		u.cpuCores, u.memoryBytes = cores, memory
		return
	}
	u.cpuSeconds, u.memoryMeanBytes, u.memoryMaxBytes = sum(u.cpuSeconds, inWindow), sum(u.memoryMeanBytes, memoryMean), sum(u.memoryMaxBytes, most)
	u.cpuCores, u.memoryBytes = both(u.cpuCores, cores), both(u.memoryBytes, memory)
}

func sum(a, b *float64) *float64 {
	if a == nil || b == nil {
		return nil
	}
	v := *a + *b
	return &v
}

// both adds what is known of the same seconds.
func both(a, b map[int]float64) map[int]float64 {
	out := map[int]float64{}
	for s, v := range a {
		if w, ok := b[s]; ok {
			out[s] = v + w
		}
	}
	return out
}

// bySecond puts samples on the seconds of a window: each second gets the
// sample whose interval covers its middle, which is the next one.
func bySecond(window float64, s *v1alpha1.UsageSeries) (cores, memory map[int]float64) {
	cores, memory = map[int]float64{}, map[int]float64{}
	if s == nil || !sort.Float64sAreSorted(s.OffsetSeconds) {
		return cores, memory
	}
	last := min(window, longestWindow)
	i := 0
	for second := 0; float64(second)+0.5 <= last; second++ {
		for i < len(s.OffsetSeconds) && s.OffsetSeconds[i] < float64(second)+0.5 {
			i++
		}
		if i == len(s.OffsetSeconds) {
			break
		}
		if i < len(s.CPUCores) && s.CPUCores[i] >= 0 {
			cores[second] = s.CPUCores[i]
		}
		if i < len(s.MemoryBytes) && s.MemoryBytes[i] >= 0 {
			memory[second] = float64(s.MemoryBytes[i])
		}
	}
	return cores, memory
}

// perThousand is CPU-milliseconds per 1,000 requests of a part over rounds: a
// ratio of sums. It is nil unless some round measured the part.
func perThousand(trials []v1alpha1.Trial, part usePart) (milliseconds *float64, rounds int) {
	var cpu, requests float64
	for _, t := range trials {
		if u := useOf(t, part); u.cpuSeconds != nil && t.Load.Requests > 0 {
			cpu += *u.cpuSeconds
			requests += float64(t.Load.Requests)
			rounds++
		}
	}
	v := cpu * 1e6 / requests
	if rounds == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return nil, 0
	}
	return &v, rounds
}

// unmeasured are the reasons why parts of an arm's trials have no figure.
func unmeasured(trials []v1alpha1.Trial, part usePart) []string {
	var all []string
	for _, t := range trials {
		for _, m := range useOf(t, part).missing {
			if !slices.Contains(all, m) {
				all = append(all, m)
			}
		}
	}
	return all
}

// bytesText writes a size in powers of 1024.
func bytesText(v float64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	i := 0
	for ; math.Abs(v) >= 1024 && i < len(units)-1; i++ {
		v /= 1024
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s", strings.TrimSuffix(plain(math.Round(v*10)/10), ".0"), units[i]))
}
