package analyse

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

const (
	// saturated is the share of what a program may use from which on it waits
	// for itself.
	saturated = 0.9
	// nodeSaturated is the same for a whole node.
	nodeSaturated = 0.95
)

// limited is how close a container came to what it may use.
type limited struct {
	usage v1alpha1.ContainerUsage
	// share of its limit, and the limit in cores; 0 where there is none.
	share, limit float64
	// thread is what its busiest thread used of one core.
	thread float64
}

// full reports whether a container had nothing left. A proxy is full when one
// thread is: connections stay with their thread. In a Go program they do not.
func (l limited) full() bool {
	return l.share >= saturated || l.usage.Part == v1alpha1.PartProxy && l.thread >= saturated
}

func (l limited) text() string {
	var parts []string
	if l.limit > 0 {
		parts = append(parts, fmt.Sprintf("%.0f %% of its %.3g CPUs", l.share*100, l.limit))
	}
	if l.usage.Part == v1alpha1.PartProxy && l.thread > 0 {
		parts = append(parts, fmt.Sprintf("%.2f cores in its busiest thread", l.thread))
	}
	return fmt.Sprintf("%s used %s", l.name(), strings.Join(parts, ", "))
}

// name tells the containers apart that share one name.
func (l limited) name() string {
	if l.usage.Side == v1alpha1.SideNode {
		return fmt.Sprintf("%s of node %s", l.usage.Container, l.usage.Node)
	}
	return l.usage.Container
}

// limits are a trial's containers on the requests' way, by the best source. A
// container without a limit may use its whole node.
func limits(t v1alpha1.Trial) []limited {
	containers, nodes := resource.Best(t.Resources)
	var out []limited
	for _, c := range containers {
		if c.CPUSeconds == nil || c.CoveredSeconds <= 0 {
			continue
		}
		l := limited{usage: c}
		if c.CPULimitCores != nil {
			l.limit = *c.CPULimitCores
		}
		for _, n := range nodes {
			if n.Node == c.Node && n.CPUs > 0 && (l.limit == 0 || l.limit > float64(n.CPUs)) {
				l.limit = float64(n.CPUs)
			}
		}
		if l.limit > 0 {
			l.share = *c.CPUSeconds / c.CoveredSeconds / l.limit
		}
		if c.BusiestThreadCores != nil {
			l.thread = *c.BusiestThreadCores
		}
		out = append(out, l)
	}
	return out
}

// nodeShare is the share of its processors that a node was busy for. Its ticks
// and our clock differ a little.
func nodeShare(n v1alpha1.NodeUsage) (float64, bool) {
	if n.CPUSeconds == nil || n.CPUs == 0 || n.CoveredSeconds <= 0 {
		return 0, false
	}
	return min(*n.CPUSeconds/n.CoveredSeconds/float64(n.CPUs), 1), true
}

// bottleneck names what saturated in a closed loop, on average over rounds.
func (c *cell) bottleneck() *v1alpha1.Bottleneck {
	if !c.level.Rate.ClosedLoop() ||
		!slices.ContainsFunc(c.rounds, func(r round) bool { return r.trial.Resources != nil }) {
		return nil
	}
	var found []v1alpha1.Bottleneck
	add := func(at v1alpha1.BottleneckAt, evidence string) {
		found = append(found, v1alpha1.Bottleneck{At: at, Evidence: evidence})
	}
	var shares []float64
	var cores float64
	for _, r := range c.rounds {
		if share, of := generatorUse(r.trial); of > 0 { // else it was not measured
			shares, cores = append(shares, share), max(cores, of)
		}
	}
	if m := stats.Mean(shares); m >= saturated {
		add(v1alpha1.BottleneckClient, fmt.Sprintf("the load generator used %.0f %% of its %.3g CPUs", m*100, cores))
	}
	for _, place := range []struct {
		at   v1alpha1.BottleneckAt
		side v1alpha1.Side
		part v1alpha1.Part
	}{
		{v1alpha1.BottleneckClientProxy, v1alpha1.SideClient, v1alpha1.PartProxy},
		{v1alpha1.BottleneckServerProxy, v1alpha1.SideServer, v1alpha1.PartProxy},
		{v1alpha1.BottleneckNodeProxy, v1alpha1.SideNode, v1alpha1.PartProxy},
		{v1alpha1.BottleneckWaypoint, v1alpha1.SideWaypoint, v1alpha1.PartProxy},
		{v1alpha1.BottleneckTarget, v1alpha1.SideServer, v1alpha1.PartApplication},
	} {
		for _, l := range c.averaged(place.side, place.part) {
			if l.full() {
				add(place.at, l.text())
			}
		}
	}
	busiest := c.busiestNode()
	if len(found) == 0 && busiest.share >= nodeSaturated {
		add(v1alpha1.BottleneckNode,
			fmt.Sprintf("node %s was busy for %.0f %% of its %d CPUs", busiest.name, busiest.share*100, busiest.cpus))
	}
	if len(found) == 1 {
		return &found[0]
	}
	unclear := v1alpha1.Bottleneck{At: v1alpha1.BottleneckUnclear}
	if len(found) == 0 {
		unclear.Evidence = "nothing that was measured had used up what it may"
		if busiest.name != "" {
			unclear.Evidence += fmt.Sprintf("; the busiest node was at %.0f %%", busiest.share*100)
		}
		return &unclear
	}
	var texts []string
	for _, f := range found { // sidecars of both sides have one name
		texts = append(texts, strings.ReplaceAll(string(f.At), "-", " ")+": "+f.Evidence)
	}
	unclear.Evidence = "several were at their limits: " + strings.Join(texts, "; ")
	return &unclear
}

// averaged are the containers of one side and part by name, over rounds. Those in
// pods of their own are told apart by pod: one may be full and another idle. There
// are none of proxies that the arm's requests do not pass.
func (c *cell) averaged(side v1alpha1.Side, part v1alpha1.Part) []limited {
	var out []limited
	var counts []float64
	shared := oneOf(side, v1alpha1.SideNode, v1alpha1.SideWaypoint)
	if aside(c.arm, side) {
		return nil
	}
	for _, r := range c.rounds {
		for _, l := range limits(r.trial) {
			if l.usage.Side != side || l.usage.Part != part {
				continue
			}
			i := slices.IndexFunc(out, func(have limited) bool {
				return have.usage.Container == l.usage.Container && (!shared || have.usage.Pod == l.usage.Pod)
			})
			if i < 0 {
				i = len(out)
				out, counts = append(out, limited{usage: l.usage}), append(counts, 0)
			}
			out[i].share, out[i].thread = out[i].share+l.share, out[i].thread+l.thread
			out[i].limit = max(out[i].limit, l.limit)
			counts[i]++
		}
	}
	for i := range out {
		out[i].share, out[i].thread = out[i].share/counts[i], out[i].thread/counts[i]
	}
	slices.SortFunc(out, func(a, b limited) int {
		return cmp.Or(cmp.Compare(a.usage.Container, b.usage.Container), cmp.Compare(a.usage.Pod, b.usage.Pod))
	})
	return out
}

// busyNode is a node and its use over rounds.
type busyNode struct {
	name  string
	share float64
	cpus  int
}

func (c *cell) busiestNode() busyNode {
	var best busyNode
	for _, n := range c.nodes() {
		if n.share > best.share {
			best = n
		}
	}
	return best
}

// nodes are those that ran the cell's trials, with their mean use, by name.
func (c *cell) nodes() []busyNode {
	var out []busyNode
	var counts []float64
	for _, r := range c.rounds {
		_, nodes := resource.Best(r.trial.Resources)
		for _, n := range nodes {
			share, ok := nodeShare(n)
			if !ok {
				continue
			}
			i := slices.IndexFunc(out, func(have busyNode) bool { return have.name == n.Node })
			if i < 0 {
				i = len(out)
				out, counts = append(out, busyNode{name: n.Node, cpus: n.CPUs}), append(counts, 0)
			}
			out[i].share += share
			counts[i]++
		}
	}
	for i := range out {
		out[i].share /= counts[i]
	}
	slices.SortFunc(out, func(a, b busyNode) int { return cmp.Compare(a.name, b.name) })
	return out
}
