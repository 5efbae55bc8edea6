package page

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/chart"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
)

// usePart is who used a processor or memory, as charts tell it apart.
type usePart struct {
	name string
	// cost is its name in the analysis, which sums up what it used; empty where
	// the analysis does not tell it apart.
	cost v1alpha1.CostPart
	// holds decides by a container's side and part what it is made of; nil for
	// nodes, and for what is left over.
	holds func(v1alpha1.Side, v1alpha1.Part) bool
	// within is set if it is one of those that the total is made of.
	within bool
	// look is that of its bar: proxies are hatched.
	look chart.Bar
}

func useParts() []usePart {
	at := func(side v1alpha1.Side, part v1alpha1.Part) func(v1alpha1.Side, v1alpha1.Part) bool {
		return func(s v1alpha1.Side, p v1alpha1.Part) bool { return s == side && p == part }
	}
	beside := func(s v1alpha1.Side, p v1alpha1.Part) bool {
		return (s == v1alpha1.SideClient || s == v1alpha1.SideServer) && p == v1alpha1.PartOther
	}
	is := func(side v1alpha1.Side) func(v1alpha1.Side, v1alpha1.Part) bool {
		return func(s v1alpha1.Side, _ v1alpha1.Part) bool { return s == side }
	}
	const client, server, application, proxy = v1alpha1.SideClient, v1alpha1.SideServer, v1alpha1.PartApplication,
		v1alpha1.PartProxy
	return []usePart{
		{"load generator", v1alpha1.CostClientApplication, at(client, application), true, chart.Bar{Style: 0}},
		{"client-side proxy", v1alpha1.CostClientProxy, at(client, proxy), true, chart.Bar{Style: 1, Pattern: 1}},
		{"server-side proxy", v1alpha1.CostServerProxy, at(server, proxy), true, chart.Bar{Style: 2, Pattern: 2}},
		{"target", v1alpha1.CostServerApplication, at(server, application), true, chart.Bar{Style: 6}},
		{"node proxies", v1alpha1.CostNodeProxy, is(v1alpha1.SideNode), true, chart.Bar{Style: 3, Pattern: 1}},
		{"waypoints", v1alpha1.CostWaypoint, is(v1alpha1.SideWaypoint), true, chart.Bar{Style: 4, Pattern: 2}},
		{"injected beside them", v1alpha1.CostInjected, beside, true, chart.Bar{Style: 5, Pattern: 2}},
		{"other tenants", v1alpha1.CostOther, is(v1alpha1.SideOther), true, chart.Bar{Style: 5}},
		{"unattributed", v1alpha1.CostUnattributed, nil, true, chart.Bar{Style: 0, Pattern: 1}},
		{"control plane", "", is(v1alpha1.SideControlPlane), false, chart.Bar{}},
		{"whole nodes", v1alpha1.CostTotal, nil, false, chart.Bar{}},
	}
}

// sample is a value in a second of the window.
type sample struct {
	second int
	value  float64
}

// partSeries is what one part of one trial used by the second.
type partSeries struct {
	cores, memoryBytes []sample
	present            bool
}

// seriesOf is what the parts used in a trial's window, in the order of
// useParts.
func seriesOf(t v1alpha1.Trial) []partSeries {
	parts := useParts()
	out := make([]partSeries, len(parts))
	if t.Resources == nil || t.Window == nil {
		return out
	}
	containers, nodes := resource.Counted(t.Resources)
	for i, part := range parts {
		if part.cost == v1alpha1.CostTotal {
			for _, n := range nodes {
				out[i].add(bySecond(t.Window.Seconds, n.Series))
			}
		}
		for _, c := range containers {
			if part.holds != nil && part.holds(c.Side, c.Part) {
				out[i].add(bySecond(t.Window.Seconds, c.Series))
			}
		}
	}
	return out
}

// add counts one container or node in, for the seconds that are known of all.
func (p *partSeries) add(cores, memory []sample) {
	if !p.present {
		*p = partSeries{cores, memory, true}
		return
	}
	p.cores, p.memoryBytes = both(p.cores, cores), both(p.memoryBytes, memory)
}

// both adds what is known of the same seconds.
func both(a, b []sample) []sample {
	var out []sample
	for _, one := range a {
		for len(b) > 0 && b[0].second < one.second {
			b = b[1:]
		}
		if len(b) > 0 && b[0].second == one.second {
			out = append(out, sample{one.second, one.value + b[0].value})
		}
	}
	return out
}

// bySecond puts samples on the seconds of a window: each second gets the
// sample whose interval covers its middle, which is the next one.
func bySecond(window float64, s *v1alpha1.UsageSeries) (cores, memory []sample) {
	if s == nil || !sort.Float64sAreSorted(s.OffsetSeconds) {
		return nil, nil
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
			cores = append(cores, sample{second, s.CPUCores[i]})
		}
		if i < len(s.MemoryBytes) && s.MemoryBytes[i] >= 0 {
			memory = append(memory, sample{second, float64(s.MemoryBytes[i])})
		}
	}
	return cores, memory
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
