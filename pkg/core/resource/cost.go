package resource

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Amount is a figure, or the reason why there is none.
type Amount struct {
	Value *float64
	// Missing says why there is no value.
	Missing string
	// None is set where nothing of the kind exists, such as the proxy of a
	// baseline: there is no figure, and a difference to it is the other's figure.
	None bool
	// Idle is what was taken off: the use without load.
	Idle float64
	// Shared is the part of Idle whose error other rounds have too.
	Shared float64
}

// Use is what the parts of one trial used.
type Use struct {
	// Cores has every part.
	Cores map[v1alpha1.CostPart]Amount
	// MemoryMean and MemoryMax have those parts that are containers, in bytes.
	MemoryMean, MemoryMax map[v1alpha1.CostPart]Amount
}

// share is a part that is made of containers.
type share struct {
	part  v1alpha1.CostPart
	sides []v1alpha1.Side
	does  v1alpha1.Part
	taken bool // idle use is taken off: it is there without our requests
}

// holds reports whether a container belongs to the part. Of other tenants all do.
func (s share) holds(c v1alpha1.ContainerUsage) bool {
	return slices.Contains(s.sides, c.Side) && (c.Part == s.does || s.part == v1alpha1.CostOther)
}

func shares() []share {
	at := func(sides ...v1alpha1.Side) []v1alpha1.Side { return sides }
	return []share{
		{part: v1alpha1.CostClientApplication, sides: at(v1alpha1.SideClient), does: v1alpha1.PartApplication},
		{part: v1alpha1.CostServerApplication, sides: at(v1alpha1.SideServer), does: v1alpha1.PartApplication},
		{part: v1alpha1.CostClientProxy, sides: at(v1alpha1.SideClient), does: v1alpha1.PartProxy},
		{part: v1alpha1.CostServerProxy, sides: at(v1alpha1.SideServer), does: v1alpha1.PartProxy},
		{part: v1alpha1.CostNodeProxy, sides: at(v1alpha1.SideNode), does: v1alpha1.PartProxy, taken: true},
		{part: v1alpha1.CostWaypoint, sides: at(v1alpha1.SideWaypoint), does: v1alpha1.PartProxy, taken: true},
		{part: v1alpha1.CostInjected, sides: at(v1alpha1.SideClient, v1alpha1.SideServer), does: v1alpha1.PartOther},
		{part: v1alpha1.CostOther, sides: at(v1alpha1.SideOther), does: v1alpha1.PartOther, taken: true},
	}
}

// Parts lists all parts, the total first and what is left over last.
func Parts() []v1alpha1.CostPart {
	parts := []v1alpha1.CostPart{v1alpha1.CostTotal}
	for _, s := range shares() {
		parts = append(parts, s.part)
	}
	return append(parts, v1alpha1.CostUnattributed)
}

const (
	notMeasured = "not measured"
	// NoContainer is what Missing says where nothing of the kind exists.
	NoContainer = "no such container"
	// Overspent is what Missing says where the parts come to more than the total.
	Overspent = "more was attributed to containers than the nodes used"
)

// Of returns what the parts used over a trial's window. Every container and
// node counts once, by the best source that measured it.
func Of(r *v1alpha1.Resources, idle Idle) Use {
	u := Use{Cores: map[v1alpha1.CostPart]Amount{}, MemoryMean: map[v1alpha1.CostPart]Amount{},
		MemoryMax: map[v1alpha1.CostPart]Amount{}}
	if r == nil {
		for _, p := range Parts() {
			u.Cores[p] = Amount{Missing: notMeasured}
		}
		for _, s := range shares() {
			u.MemoryMean[s.part], u.MemoryMax[s.part] = Amount{Missing: notMeasured}, Amount{Missing: notMeasured}
		}
		return u
	}
	containers, nodes := takingPart(r)
	others := tenantsOf(idle, nodes, containers)
	shared, rests := 0.0, 0.0
	attributed := 0.0
	unknown := ""
	for _, s := range shares() {
		var cores, mean, most adder
		for _, c := range containers {
			if !s.holds(c) {
				continue
			}
			var rest resting
			switch {
			case s.part == v1alpha1.CostOther:
				rest, others = resting{cores: others}, 0 // of all of them, once
			case s.taken:
				rest = idle.containers[identity(c)]
			}
			cores.add(perSecond(c.CPUSeconds, c.CoveredSeconds), rest, c.Missing)
			mean.add(c.MemoryMeanBytes, resting{}, c.Missing)
			most.add(float(c.MemoryMaxBytes), resting{}, c.Missing)
		}
		u.Cores[s.part], u.MemoryMean[s.part], u.MemoryMax[s.part] = cores.amount(), mean.amount(), most.amount()
		if v := u.Cores[s.part]; v.Value != nil {
			attributed += *v.Value
			rests, shared = rests+v.Idle, shared+v.Shared
		} else if !v.None {
			unknown = cmp.Or(unknown, fmt.Sprintf("%s: %s", s.part, v.Missing))
		}
	}
	total := totalOf(nodes, containers, idle)
	u.Cores[v1alpha1.CostTotal] = total
	left := Amount{Missing: cmp.Or(total.Missing, unknown)}
	if left.Missing == "" {
		v := *total.Value - attributed
		left.Value, left.Idle, left.Shared = &v, total.Idle+rests, total.Shared+shared
	}
	u.Cores[v1alpha1.CostUnattributed] = left
	return u
}

// Charged is what the parts come to that a run has to answer for: all containers but
// those of other tenants. Parts without a figure count as nothing.
func Charged(of func(v1alpha1.CostPart) Amount) (sum float64) {
	for _, s := range shares() {
		if v := of(s.part).Value; v != nil && s.part != v1alpha1.CostOther {
			sum += *v
		}
	}
	return sum
}

// totalOf is the use of the nodes that ran pods of ours, each machine once, and
// of waypoints that ran elsewhere.
func totalOf(nodes []v1alpha1.NodeUsage, containers []v1alpha1.ContainerUsage, idle Idle) Amount {
	ours := oursOf(containers)
	if len(ours) == 0 {
		return Amount{Missing: notMeasured}
	}
	var sum adder
	byName := byNode(nodes)
	for name := range ours {
		if _, ok := byName[name]; !ok {
			return Amount{Missing: fmt.Sprintf("node %s: %s", name, notMeasured)}
		}
	}
	within := countedIn(nodes, ours)
	for _, n := range machines(nodes, ours) {
		missing := n.Missing
		if missing != "" {
			missing = fmt.Sprintf("node %s: %s", n.Node, missing)
		}
		used := perSecond(n.CPUSeconds, n.CoveredSeconds)
		if why := idle.unseparable(n); used != nil && why != "" {
			used, missing = nil, why
		}
		sum.add(used, idle.nodes[n.Node], missing)
	}
	for _, c := range containers {
		if c.Side == v1alpha1.SideWaypoint && !within(c.Node) {
			sum.add(perSecond(c.CPUSeconds, c.CoveredSeconds), idle.containers[identity(c)], c.Missing)
		}
	}
	return sum.amount()
}

// adder adds up figures; one that is missing makes the sum missing.
type adder struct {
	sum     float64
	idle    float64
	shared  float64
	any     bool
	missing string
}

func (a *adder) add(v *float64, rest resting, missing string) {
	a.any = true
	if v == nil {
		a.missing = cmp.Or(a.missing, missing, notMeasured)
		return
	}
	a.sum += *v - rest.cores
	a.idle += rest.cores
	if rest.shared {
		a.shared += rest.cores
	}
}

func (a *adder) amount() Amount {
	switch {
	case !a.any:
		return Amount{Missing: NoContainer, None: true}
	case a.missing != "":
		return Amount{Missing: a.missing}
	}
	return Amount{Value: &a.sum, Idle: a.idle, Shared: a.shared}
}

// perSecond is a total as a rate over the time it was measured over.
func perSecond(total *float64, covered float64) *float64 {
	if total == nil || covered <= 0 {
		return nil
	}
	v := *total / covered
	return &v
}

// rate is perSecond, or 0 where nothing was measured.
func rate(total *float64, covered float64) float64 {
	if v := perSecond(total, covered); v != nil {
		return *v
	}
	return 0
}

func float(v *int64) *float64 {
	if v == nil {
		return nil
	}
	f := float64(*v)
	return &f
}
