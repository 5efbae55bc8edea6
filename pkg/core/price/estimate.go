package price

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
)

// Ask is what a system would be.
type Ask struct {
	// PerSecond is the requests that arrive each second, above 0.
	PerSecond float64 `json:"requestsPerSecond"`
	// Hops is how many calls between pods each of them makes, 1 or more.
	Hops float64 `json:"hops"`
	// Pods in the mesh share the calls evenly, each as caller and as called. 1 or more.
	Pods int `json:"pods"`
	// Nodes share the calls evenly; 0 if nobody said. Only node proxies need them.
	Nodes int `json:"nodes,omitempty"`
	// CorePrice and GiBPrice are of one core and one GiB, in whatever money and for
	// whatever time; nil if nobody said.
	CorePrice *float64 `json:"corePrice,omitempty"`
	GiBPrice  *float64 `json:"gibPrice,omitempty"`
}

// Estimated is what an arm's mesh would take.
type Estimated struct {
	Arm string `json:"arm"`
	// Missing says why there is no estimate of the whole.
	Missing string `json:"missing,omitempty"`
	// Cores, MemoryBytes and Money are sums over Parts, with 95 % intervals over the
	// rounds of the run; MemoryBytes and Money only where the memory of all parts is
	// known, and Money only with both prices.
	Cores       *v1alpha1.Estimate `json:"cores,omitempty"`
	MemoryBytes *v1alpha1.Estimate `json:"memoryBytes,omitempty"`
	Money       *v1alpha1.Estimate `json:"money,omitempty"`
	Parts       []EstimatedPart    `json:"parts,omitempty"`
}

// EstimatedPart is what one part would take.
type EstimatedPart struct {
	Part        Part               `json:"part"`
	Cores       *v1alpha1.Estimate `json:"cores,omitempty"`
	MemoryBytes *v1alpha1.Estimate `json:"memoryBytes,omitempty"`
	// Missing says why there are no cores, Note what they leave out.
	Missing string `json:"missing,omitempty"`
	Note    string `json:"note,omitempty"`
}

// beyond is how far above the highest measured rate an estimate may go.
const beyond = 1.2

// outside is what is said of a rate that nothing was measured at.
const outside = "outside the measured range"

// Estimate says what the system of an ask would take in each arm of a list.
func (l List) Estimate(a Ask) []Estimated {
	var out []Estimated
	for _, arm := range l.Arms {
		out = append(out, arm.estimate(a))
	}
	return out
}

func (arm Arm) estimate(a Ask) Estimated {
	out := Estimated{Arm: arm.Name, Missing: arm.Missing}
	var cores, memory perRound
	memoryKnown := true
	for _, c := range arm.Parts {
		one := EstimatedPart{Part: c.Part, Missing: c.Missing}
		var values perRound
		if one.Missing == "" {
			values, one.Note, one.Missing = c.scale(a, arm.has(ServerProxy))
		}
		if one.Missing != "" {
			out.Missing = fmt.Sprintf("%s: %s", c.Part, one.Missing)
		} else {
			one.Cores = values.estimate()
			cores = cores.plus(values)
		}
		if bytes, unknown := c.bytes(a, arm.has(ServerProxy)); unknown != "" {
			memoryKnown = false
			one.Note = strings.TrimPrefix(one.Note+"; "+unknown, "; ")
		} else if bytes != nil {
			one.MemoryBytes = bytes.estimate()
			memory = memory.plus(bytes)
		}
		out.Parts = append(out.Parts, one)
	}
	if out.Missing != "" {
		return out
	}
	out.Cores = cores.estimate()
	if !memoryKnown {
		return out // a sum without a part would be too small, and money with it
	}
	out.MemoryBytes = memory.estimate()
	if a.CorePrice != nil && a.GiBPrice != nil && memory != nil {
		const gibibyte = 1 << 30
		out.Money = cores.times(*a.CorePrice).plus(memory.times(*a.GiBPrice / gibibyte)).estimate()
	}
	return out
}

func (arm Arm) has(p Part) bool {
	return slices.ContainsFunc(arm.Parts, func(c Cost) bool { return c.Part == p })
}

// scale is the cores that a part would take, in each round; missing says why they
// are not known. A pod of a mesh of sidecars has one proxy for both sides, so that
// its idle use counts once: with that of the called side, where there is one.
func (c Cost) scale(a Ask, serverHasIdle bool) (values perRound, note, missing string) {
	calls, pods := a.PerSecond*a.Hops, float64(a.Pods)
	switch c.Part {
	case ClientProxy, ServerProxy:
		each := calls / pods
		if missing = c.covers(each, "for each pod"); missing != "" {
			return nil, "", missing
		}
		values = c.cores.at(each).times(pods)
		if c.Part == ClientProxy && serverHasIdle {
			if !c.cores.linear() && !c.IdleMeasured {
				return nil, "", "its use without load was not measured"
			}
			values = values.plus(c.cores.at(0).times(-pods))
			note = "a pod has one proxy, whose memory and idle use are the server proxy's"
		}
		return values, note, ""
	case Kernel:
		each := calls / pods
		if missing = c.covers(each, "for each pod"); missing != "" {
			return nil, "", missing
		}
		if c.cores.linear() {
			return c.cores.rise(calls), "", ""
		}
		return c.cores.at(each).times(pods), "", ""
	case NodeProxy:
		return c.onNodes(a, calls)
	default: // the waypoint
		if missing = c.covers(calls, "for one waypoint"); missing == "" {
			return c.cores.at(calls), "", ""
		}
		if c.cores.linear() {
			return c.cores.rise(calls).plus(c.cores.at(0)),
				fmt.Sprintf("%s of one waypoint (%.0f/s): as many as it takes, idle use of one", outside, c.HighestPerSecond), ""
		}
		return nil, "", missing
	}
}

// onNodes scales what the proxies of nodes use by how often calls pass them:
// twice, once where they come from and once where they go.
func (c Cost) onNodes(a Ask, calls float64) (values perRound, note, missing string) {
	if a.Nodes == 0 {
		if !c.cores.linear() {
			return nil, "", "it is no line over the rate, so that the number of nodes matters: name it"
		}
		return c.cores.rise(calls), "without its idle use, which goes with the number of nodes", ""
	}
	nodes := float64(a.Nodes)
	// As a rate of the run, whose calls passed crossings proxies on each of its nodes.
	rate := 2 * calls / nodes / c.crossings
	if missing = c.covers(rate, "for each node"); missing != "" {
		return nil, "", missing
	}
	return c.cores.at(rate).times(nodes / c.nodes), "", ""
}

// covers says why nothing is known at a rate; empty if something is.
func (c Cost) covers(rate float64, each string) string {
	low, high := c.LowestPerSecond, c.HighestPerSecond
	limit := high * beyond
	if !c.cores.linear() {
		limit = high // between points, not beyond them
	}
	if rate >= low && rate <= limit {
		return ""
	}
	return fmt.Sprintf("%s: %s/s %s, measured from %s to %s/s", outside, rounded(rate), each, rounded(low), rounded(high))
}

// rounded is a rate with three digits.
func rounded(v float64) string {
	if v >= 1000 {
		return words.Thousands(int64(math.Round(v)))
	}
	return fmt.Sprintf("%.3g", v)
}

// bytes are the memory that a part would take, which does not go with the rate; nil
// of one that has none of its own. unknown says why it is not known.
func (c Cost) bytes(a Ask, serverHasIdle bool) (bytes perRound, unknown string) {
	switch {
	case c.Part == Kernel || c.Part == ClientProxy && serverHasIdle: // one proxy for both sides
		return nil, ""
	case len(c.memory) == 0:
		return nil, "its memory is not known"
	case c.Part == NodeProxy && a.Nodes == 0:
		return nil, "its memory goes with the number of nodes: name it"
	case c.Part == NodeProxy:
		return c.memory.times(float64(a.Nodes) / c.nodes), ""
	case c.Part == Waypoint:
		return c.memory, ""
	}
	return c.memory.times(float64(a.Pods)), ""
}

// Sheet is what a report says of prices, and what a system would take by them.
type Sheet struct {
	Run       string         `json:"run"`
	Prices    []List         `json:"prices"`
	Memory    []MemoryList   `json:"memory,omitempty"`
	Ask       *Ask           `json:"ask,omitempty"`
	Estimates []ListEstimate `json:"estimates,omitempty"`
}

// ListEstimate is what a system would take by one list.
type ListEstimate struct {
	Experiment string         `json:"experiment"`
	Setting    v1alpha1.Level `json:"setting"`
	Arms       []Estimated    `json:"arms"`
}

// SheetOf reads the prices of a report, and estimates by each of its lists if
// something is asked.
func SheetOf(r v1alpha1.Report, ask *Ask) Sheet {
	s := Sheet{Run: r.Run.ID, Prices: Lists(r), Memory: MemoryLists(r), Ask: ask}
	if ask == nil {
		return s
	}
	for _, l := range s.Prices {
		s.Estimates = append(s.Estimates, ListEstimate{Experiment: l.Experiment, Setting: l.Setting, Arms: l.Estimate(*ask)})
	}
	return s
}
