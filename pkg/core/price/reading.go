package price

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// reading is what a report holds of one arm over the rates of one setting.
type reading struct {
	report   v1alpha1.Report
	index    report.Index
	arm      v1alpha1.Arm
	baseline v1alpha1.Arm
	// levels are those that are neither void nor overloaded, by rate.
	levels []v1alpha1.Address
	// clients is the number of load pods: each has a proxy of its own.
	clients float64
	// onNodes are the nodes that ran load or target.
	onNodes map[string]bool
}

func newReading(r v1alpha1.Report, experiment string, levels []v1alpha1.Level, arm v1alpha1.Arm) reading {
	x := reading{report: r, index: report.IndexOf(r), arm: arm, clients: 1}
	x.baseline = x.index.Baseline()
	levels = slices.SortedFunc(slices.Values(levels), func(a, b v1alpha1.Level) int { return cmp.Compare(a.Rate, b.Rate) })
	for _, l := range levels {
		at := v1alpha1.Address{Experiment: experiment, Level: l.ID, Arm: arm.Name}
		own, ok := x.index.Cell(at)
		base, _ := x.index.Cell(at.Of(x.baseline.Name))
		if ok && !own.Void && !own.Overloaded && !base.Void && own.Rounds > 0 {
			x.levels = append(x.levels, at)
		}
		x.clients = float64(max(l.Clients, 1))
	}
	x.onNodes = x.nodeNames()
	return x
}

func (x reading) usable() int { return len(x.levels) }

// costPart is that of a part in the report.
func (p Part) costPart() v1alpha1.CostPart {
	return map[Part]v1alpha1.CostPart{ClientProxy: v1alpha1.CostClientProxy, ServerProxy: v1alpha1.CostServerProxy,
		NodeProxy: v1alpha1.CostNodeProxy, Waypoint: v1alpha1.CostWaypoint, Kernel: v1alpha1.CostUnattributed}[p]
}

// container is where on the way a part's containers stand; ok is false of the
// kernel, which is none.
func (p Part) container() (side v1alpha1.Side, ok bool) {
	side, ok = map[Part]v1alpha1.Side{ClientProxy: v1alpha1.SideClient, ServerProxy: v1alpha1.SideServer,
		NodeProxy: v1alpha1.SideNode, Waypoint: v1alpha1.SideWaypoint}[p]
	return side, ok
}

// series is what a part used, in cores and for one pod of those that have many,
// over the rate that one pod had: for each round that has all levels. Nothing is
// taken off: what is used without load is a point of the line.
func (x reading) series(p Part) (numbers []int, rounds [][]sample, missing string, exists bool) {
	per := x.per(p)
	byRound := map[int][]sample{}
	for i, at := range x.levels {
		base := map[int]v1alpha1.Trial{}
		for _, t := range x.index.Trials(at.Of(x.baseline.Name)) {
			base[t.Round] = t
		}
		for _, t := range x.index.Trials(at) {
			a := resource.Of(t.Resources, resource.Idle{}).Cores[p.costPart()]
			if a.None {
				continue
			}
			exists = exists || t.Resources != nil
			if p == Kernel && a.Value != nil {
				b, ok := base[t.Round]
				if !ok {
					continue
				}
				rest := resource.Of(b.Resources, resource.Idle{}).Cores[p.costPart()]
				if rest.Value == nil {
					missing = cmp.Or(missing, rest.Missing)
					continue
				}
				if min(*a.Value, *rest.Value) < 0 {
					missing = cmp.Or(missing, resource.Overspent)
					continue
				}
				*a.Value -= *rest.Value
			}
			if a.Value == nil {
				missing = cmp.Or(missing, a.Missing)
				continue
			}
			if len(byRound[t.Round]) == i {
				byRound[t.Round] = append(byRound[t.Round],
					sample{float64(t.Load.Requests) / t.Window.Seconds / per, *a.Value / per})
			}
		}
	}
	numbers, rounds = whole(byRound, len(x.levels))
	if len(rounds) > 0 {
		missing = ""
		for i, number := range numbers {
			rounds[i] = x.withIdle(p, number, rounds[i])
		}
		shortest := len(slices.MinFunc(rounds, func(a, b []sample) int { return cmp.Compare(len(a), len(b)) }))
		for i, r := range rounds {
			rounds[i] = r[len(r)-shortest:] // the idle use of every round, or of none
		}
	}
	return numbers, rounds, missing, exists
}

// per is how many pods of a run share what is measured of a part.
func (x reading) per(p Part) float64 {
	if p == ClientProxy {
		return x.clients
	}
	return 1
}

// whole are the rounds that have all levels, by number.
func whole(byRound map[int][]sample, levels int) (numbers []int, rounds [][]sample) {
	for _, round := range slices.Sorted(maps.Keys(byRound)) {
		if len(byRound[round]) == levels {
			numbers, rounds = append(numbers, round), append(rounds, byRound[round])
		}
	}
	return numbers, rounds
}

// withIdle puts the use without load before the rates, where it was measured:
// targets stand idle in that window, load pods are not there yet. What the kernel
// does beyond the baseline's is none then.
func (x reading) withIdle(p Part, round int, rates []sample) []sample {
	if p != ServerProxy && p != NodeProxy {
		return rates
	}
	var own, all []float64
	for _, w := range resource.IdleWindows(x.report) {
		v, ok := x.idleUse(p, w)
		if !ok {
			continue
		}
		if all = append(all, v); w.Experiment == x.levels[0].Experiment && w.Round == round {
			own = append(own, v)
		}
	}
	switch {
	case len(own) > 0:
		return append([]sample{{0, own[0]}}, rates...)
	case len(all) > 0:
		return append([]sample{{0, stats.Mean(all)}}, rates...)
	}
	return rates
}

// idleUse is what a part used in a window without load: the proxies of the arm's
// target, or those of the nodes that its trials ran on.
func (x reading) idleUse(p Part, w v1alpha1.IdleWindow) (cores float64, ok bool) {
	side, _ := p.container()
	containers, _ := resource.Best(&w.Resources)
	for _, c := range containers {
		switch {
		case c.Side != side || c.Part != v1alpha1.PartProxy:
			continue
		case p == ServerProxy && c.Namespace != x.arm.Namespace:
			continue
		case p == NodeProxy && !x.onNodes[c.Node]:
			continue
		case c.CPUSeconds == nil || c.CoveredSeconds <= 0:
			return 0, false
		}
		cores, ok = cores+*c.CPUSeconds/c.CoveredSeconds, true
	}
	return cores, ok
}

// nodeNames are the nodes that ran load or target.
func (x reading) nodeNames() map[string]bool {
	out := map[string]bool{}
	for _, at := range x.levels {
		for _, t := range x.index.Trials(at) {
			containers, _ := resource.Best(t.Resources)
			for _, c := range containers {
				if c.Side == v1alpha1.SideClient || c.Side == v1alpha1.SideServer {
					out[c.Node] = true
				}
			}
		}
	}
	return out
}

// nodes is how many nodes a request passed, and how often it passes a proxy of
// each: once where it goes from one to the other, twice on a single one.
func (x reading) nodes() (n, crossings float64) {
	n = float64(max(len(x.onNodes), 1))
	return n, 2 / n
}

// throttledShare is the share of scheduling periods, above which a limit and not
// the mesh decided what was used.
const throttledShare = 0.01

// throttled says which container of a part was stopped for its CPU limit, and of
// which with a limit nobody could see it.
func (x reading) throttled(p Part) (why, unseen string) {
	side, ok := p.container()
	if !ok {
		return "", ""
	}
	for _, at := range x.levels {
		var stopped, periods int64
		name := ""
		for _, t := range x.index.Trials(at) {
			containers, _ := resource.Best(t.Resources)
			for _, c := range containers {
				if c.Side != side || c.Part != v1alpha1.PartProxy {
					continue
				}
				if c.ThrottledPeriods == nil || c.Periods == nil {
					if c.CPULimitCores != nil {
						unseen = fmt.Sprintf("container %s has a CPU limit, and no source tells whether it was throttled", c.Container)
					}
					continue
				}
				stopped, periods, name = stopped+*c.ThrottledPeriods, periods+*c.Periods, c.Container
			}
		}
		if float64(stopped) > throttledShare*float64(periods) {
			return fmt.Sprintf("container %s was throttled at %s (%d of %d scheduling periods): "+
				"its limit is measured, not the mesh", name, at.Level, stopped, periods), ""
		}
	}
	return "", unseen
}

// memory is that of one pod, or of the part's pods on the way, in each round that
// has all levels: the mean over them.
func (x reading) memory(p Part) perRound {
	if _, ok := p.container(); !ok {
		return nil
	}
	per := x.per(p)
	byRound := map[int][]float64{}
	for _, at := range x.levels {
		for _, t := range x.index.Trials(at) {
			if a := resource.Of(t.Resources, resource.Idle{}).MemoryMean[p.costPart()]; a.Value != nil {
				byRound[t.Round] = append(byRound[t.Round], *a.Value/per)
			}
		}
	}
	out := perRound{}
	for round, all := range byRound {
		if len(all) == len(x.levels) {
			out[round] = stats.Mean(all)
		}
	}
	return out
}
