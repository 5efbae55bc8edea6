package price

import (
	"fmt"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// MemoryList is what one way of sending requests costs in memory, over connections.
type MemoryList struct {
	Experiment string `json:"experiment"`
	// Setting is what all levels have in common.
	Setting v1alpha1.Level `json:"setting"`
	Arms    []MemoryArm    `json:"arms"`
}

// MemoryArm is what an arm's mesh costs in memory.
type MemoryArm struct {
	Name    string       `json:"arm"`
	Missing string       `json:"missing,omitempty"`
	Parts   []MemoryCost `json:"parts,omitempty"`
}

// MemoryCost is the memory of one part: of one proxy, or of all of the part's on
// the way.
type MemoryCost struct {
	Part  Part   `json:"part"`
	Whose string `json:"whose"`
	// Missing says why there is no price; nothing else is set then.
	Missing string `json:"missing,omitempty"`
	// PerConnectionBytes is what each connection adds, and BaseBytes where the line
	// ends without any, with 95 % intervals over rounds; both nil where memory is no
	// line over connections: Points are the price then.
	PerConnectionBytes *v1alpha1.Estimate `json:"perConnectionBytes,omitempty"`
	BaseBytes          *v1alpha1.Estimate `json:"baseBytes,omitempty"`
	// BendRatio and LinearityPValue are as those of Cost.
	BendRatio       float64       `json:"bendRatio"`
	LinearityPValue float64       `json:"linearityPValue"`
	Points          []MemoryPoint `json:"points,omitempty"`
}

// MemoryPoint is one measured number of connections.
type MemoryPoint struct {
	Connections float64           `json:"connections"`
	Bytes       v1alpha1.Estimate `json:"bytes"`
}

// MemoryLists are the prices of memory of a report: one for each experiment and
// setting of which at least four numbers of connections were measured, at one rate
// or as fast as it goes.
func MemoryLists(r v1alpha1.Report) []MemoryList {
	var all []MemoryList
	for _, e := range r.Experiments {
		if e.Spec.Search != nil {
			continue
		}
		for _, s := range settings(experiment.Levels(e), "connections") {
			list := MemoryList{Experiment: e.Metadata.Name, Setting: s.rest}
			for _, a := range experiment.Arms(e, r.Arms) {
				if a.Role == v1alpha1.RoleMeshed {
					list.Arms = append(list.Arms, newReading(r, e.Metadata.Name, s.levels, a).memoryArm(s.levels))
				}
			}
			all = append(all, list)
		}
	}
	return all
}

func (x reading) memoryArm(levels []v1alpha1.Level) MemoryArm {
	out := MemoryArm{Name: x.arm.Name}
	if n := x.usable(); n < leastPoints {
		out.Missing = fmt.Sprintf("%d of its levels can be used, and %d are the least: the others are void or overloaded", n,
			leastPoints)
		return out
	}
	connections := map[string]float64{}
	for _, l := range levels {
		connections[l.ID] = float64(l.Connections)
	}
	for _, p := range []Part{ClientProxy, ServerProxy, NodeProxy, Waypoint} {
		if c, exists := x.memoryCost(p, connections); exists {
			out.Parts = append(out.Parts, c)
		}
	}
	if len(out.Parts) == 0 {
		out.Missing = "what its containers used was not measured"
	}
	return out
}

// memoryCost is what one part's memory costs; exists is false of a part that the
// arm does not have.
func (x reading) memoryCost(p Part, connections map[string]float64) (c MemoryCost, exists bool) {
	c = MemoryCost{Part: p, Whose: p.Whose()}
	per := x.per(p)
	byRound := map[int][]sample{}
	for i, at := range x.byConnections(connections) {
		for _, t := range x.index.Trials(at) {
			a := resource.Of(t.Resources, resource.Idle{}).MemoryMean[p.costPart()]
			exists = exists || t.Resources != nil && !a.None
			if a.Value != nil && len(byRound[t.Round]) == i {
				byRound[t.Round] = append(byRound[t.Round], sample{connections[at.Level] / per, *a.Value / per})
			}
		}
	}
	if !exists {
		return c, false
	}
	numbers, rounds := whole(byRound, len(x.levels))
	if len(rounds) < stats.MinPairs {
		c.Missing = fmt.Sprintf("its memory is known at all levels of %d rounds, and %d are the least", len(rounds),
			stats.MinPairs)
		return c, true
	}
	line := fit(numbers, rounds)
	c.BendRatio, c.LinearityPValue = line.bend, line.p
	if line.linear() {
		slope, base := line.slope(), line.intercept()
		c.PerConnectionBytes, c.BaseBytes = &slope, &base
	}
	for i := range rounds[0] {
		c.Points = append(c.Points, MemoryPoint{Connections: xAt(rounds, i), Bytes: estimateAt(rounds, i)})
	}
	return c, true
}

// byConnections are the levels in the order of a line.
func (x reading) byConnections(connections map[string]float64) []v1alpha1.Address {
	return slices.SortedStableFunc(slices.Values(x.levels), func(a, b v1alpha1.Address) int {
		return int(connections[a.Level] - connections[b.Level])
	})
}
