// Package price says what a mesh costs as operators buy it: cores for each 1,000
// requests a second, cores and memory for each pod that does nothing, and from
// these what a load on so many pods would take. It works on reports of any age
// that hold what containers used. It is pure.
package price

import (
	"fmt"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/factor"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// Part names what has a price.
type Part string

// The parts. A pod in a mesh of sidecars has one proxy that stands on both sides.
const (
	ClientProxy Part = "client-proxy"
	ServerProxy Part = "server-proxy"
	NodeProxy   Part = "node-proxy"
	Waypoint    Part = "waypoint"
	// Kernel is what no container is charged with, beyond that of the baseline in
	// the same round: eBPF, iptables, encryption and TCP.
	Kernel Part = "kernel"
)

// Whose says whose CPU a part is, as a figure's reader has to know.
func (p Part) Whose() string {
	return map[Part]string{
		ClientProxy: "the proxy beside the caller", ServerProxy: "the proxy beside the one that is called",
		NodeProxy: "all proxies of the nodes on the way", Waypoint: "the waypoint",
		Kernel: "what the nodes spent beyond the baseline's and all containers'",
	}[p]
}

// List is what one way of sending requests costs, over the rate.
type List struct {
	Experiment string `json:"experiment"`
	// Setting is what all rates have in common.
	Setting v1alpha1.Level `json:"setting"`
	Arms    []Arm          `json:"arms"`
}

// Arm is what an arm's mesh costs.
type Arm struct {
	Name string `json:"arm"`
	// Missing says why nothing is known; empty if something is.
	Missing string `json:"missing,omitempty"`
	Parts   []Cost `json:"parts,omitempty"`
}

// Cost is what one part costs.
type Cost struct {
	Part  Part   `json:"part"`
	Whose string `json:"whose"`
	// Missing says why there is no price; nothing else is set then.
	Missing string `json:"missing,omitempty"`
	// Caution says what could not be seen that may have bent the price.
	Caution string `json:"caution,omitempty"`
	// PerThousandCores is the cores for each 1,000 requests per second, with its 95 %
	// interval over rounds; nil where cores are no line over the rate: Points are
	// the price then.
	PerThousandCores *v1alpha1.Estimate `json:"perThousandCores,omitempty"`
	// IdleCores is what the line says of no request; IdleMeasured is set if it was
	// measured, else it is only where the line ends.
	IdleCores    *v1alpha1.Estimate `json:"idleCores,omitempty"`
	IdleMeasured bool               `json:"idleMeasured"`
	// LowestPerSecond and HighestPerSecond are the range that was measured.
	LowestPerSecond  float64 `json:"lowestPerSecond"`
	HighestPerSecond float64 `json:"highestPerSecond"`
	// BendRatio is the largest distance of a measured point from the line, as a
	// share of it, and LinearityPValue that of the test that there is none.
	BendRatio       float64 `json:"bendRatio"`
	LinearityPValue float64 `json:"linearityPValue"`
	// Points are what was measured.
	Points []Point `json:"points,omitempty"`
	// MemoryBytes is that of one pod, or of all of the part's pods on the way, mean
	// over the measured rates.
	MemoryBytes *v1alpha1.Estimate `json:"memoryBytes,omitempty"`

	cores  curve
	memory perRound
	// nodes is how many nodes ran pods of ours; crossings how often a request
	// passes a proxy of each.
	nodes, crossings float64
}

// Point is one measured rate.
type Point struct {
	RatePerSecond    float64           `json:"ratePerSecond"`
	Cores            v1alpha1.Estimate `json:"cores"`
	PerThousandCores float64           `json:"perThousandCores"`
}

// idleShare is the share of the highest rate up to which the lowest one is as
// good as none.
const idleShare = 0.02

// Lists are the prices of a report: one for each experiment and setting of which
// at least four rates were measured.
func Lists(r v1alpha1.Report) []List {
	var all []List
	for _, e := range r.Experiments {
		if e.Spec.Search != nil {
			continue
		}
		// Where a loop was closed, the arm chose the rate, at its limit.
		open := slices.DeleteFunc(experiment.Levels(e), func(l v1alpha1.Level) bool { return l.Rate.ClosedLoop() })
		for _, s := range settings(open, "rate") {
			list := List{Experiment: e.Metadata.Name, Setting: s.rest}
			for _, a := range experiment.Arms(e, r.Arms) {
				if a.Role == v1alpha1.RoleMeshed {
					list.Arms = append(list.Arms, armOf(newReading(r, e.Metadata.Name, s.levels, a)))
				}
			}
			all = append(all, list)
		}
	}
	return all
}

// setting is some levels that differ in one factor only, and what they have in common.
type setting struct {
	rest   v1alpha1.Level
	levels []v1alpha1.Level
}

// settings are those of which the factor of that name has values enough for a line.
func settings(levels []v1alpha1.Level, name string) []setting {
	all := factor.All()
	by := all[slices.IndexFunc(all, func(f factor.Factor) bool { return f.Name() == name })]
	var out []setting
	for _, l := range levels {
		rest := by.Rest(l)
		i := slices.IndexFunc(out, func(s setting) bool { return s.rest == rest })
		if i < 0 {
			i, out = len(out), append(out, setting{rest: rest})
		}
		out[i].levels = append(out[i].levels, l)
	}
	return slices.DeleteFunc(out, func(s setting) bool { return len(s.levels) < leastPoints })
}

func armOf(x reading) Arm {
	out := Arm{Name: x.arm.Name}
	if n := x.usable(); n < leastPoints {
		out.Missing = fmt.Sprintf("%d of its rates can be used, and %d are the least: the others are void or overloaded", n,
			leastPoints)
		return out
	}
	for _, p := range []Part{ClientProxy, ServerProxy, NodeProxy, Waypoint, Kernel} {
		if c, exists := x.cost(p); exists {
			out.Parts = append(out.Parts, c)
		}
	}
	if len(out.Parts) == 0 {
		out.Missing = "what its containers used was not measured"
	}
	return out
}

// cost is what one part costs; exists is false of a part that the arm does not
// have.
func (x reading) cost(p Part) (c Cost, exists bool) {
	c = Cost{Part: p, Whose: p.Whose()}
	numbers, rounds, missing, exists := x.series(p)
	switch {
	case !exists:
		return c, false
	case missing != "":
		c.Missing = missing
		return c, true
	}
	why, unseen := x.throttled(p)
	if why != "" {
		c.Missing = why
		return c, true
	}
	c.Caution = unseen
	if len(rounds) < stats.MinPairs {
		c.Missing = fmt.Sprintf("%d rounds have all rates, and %d are the least", len(rounds), stats.MinPairs)
		return c, true
	}
	c.cores = fit(numbers, rounds)
	c.LowestPerSecond, c.HighestPerSecond = c.cores.lowest(), c.cores.highest()
	c.IdleMeasured = c.LowestPerSecond <= idleShare*c.HighestPerSecond
	if c.IdleMeasured {
		c.LowestPerSecond = 0
	}
	c.BendRatio, c.LinearityPValue = c.cores.bend, c.cores.p
	if c.cores.linear() {
		slope, idle := scaled(c.cores.slope(), 1000), c.cores.intercept()
		c.PerThousandCores, c.IdleCores = &slope, &idle
	}
	for i := range rounds[0] {
		c.Points = append(c.Points, pointAt(rounds, i))
	}
	c.memory = x.memory(p)
	c.MemoryBytes = c.memory.estimate()
	c.nodes, c.crossings = x.nodes()
	return c, true
}

func pointAt(rounds [][]sample, level int) Point {
	out := Point{RatePerSecond: xAt(rounds, level), Cores: estimateAt(rounds, level)}
	if out.RatePerSecond > 0 {
		out.PerThousandCores = out.Cores.Value / out.RatePerSecond * 1000
	}
	return out
}

func scaled(e v1alpha1.Estimate, by float64) v1alpha1.Estimate {
	out := v1alpha1.Estimate{Value: e.Value * by}
	if e.Low != nil && e.High != nil {
		low, high := *e.Low*by, *e.High*by
		out.Low, out.High = &low, &high
	}
	return out
}
