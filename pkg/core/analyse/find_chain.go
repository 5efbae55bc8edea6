package analyse

import (
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const codeChain = "chain-broken"

// brokenChains finds cells in which calls between hops got lost, or were answered by
// somebody else: then the latencies are not those of the whole way. More than were
// made are retries of the mesh on that edge.
func brokenChains(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.cells {
		for _, r := range c.rounds {
			if f, found := brokenChain(c, r.trial); found {
				out = append(out, f)
				break
			}
		}
	}
	return out
}

func brokenChain(c *cell, t v1alpha1.Trial) (f v1alpha1.Finding, found bool) {
	n := t.Received
	if !c.level.Chained() {
		return f, false
	}
	untold := func(h v1alpha1.HopCount) bool { return h.Called == nil || h.Failed == nil }
	if n == nil || len(n.Hops) == 0 || slices.ContainsFunc(n.Hops[:len(n.Hops)-1], untold) {
		return c.finding(v1alpha1.SeverityWarn, "Look at the targets' logs: what they counted is the only proof that the "+
			"calls between them were made.", "not every hop told what it received (round %d)", t.Round), true
	}
	// Faults were drawn at the first hop, and end there.
	asked := n.Hops[0].Received * int64(max(c.level.FanOut, 1))
	if n.Faults != nil {
		asked -= *n.Faults * int64(max(c.level.FanOut, 1))
	}
	for i := 1; i < len(n.Hops); i++ {
		called, failed := n.Hops[i-1].Called, n.Hops[i-1].Failed
		if i > 1 {
			asked = n.Hops[i-1].Received
		}
		const advice = "Look at the endpoints of the hops' Services, and at what else answers for their addresses: " +
			"what was measured is not the whole chain."
		missing := max(asked-*called, *called-n.Hops[i].Received-failuresForgiven**failed)
		if missing >= resentLeast && float64(missing) > resentShare*float64(asked) {
			return c.finding(v1alpha1.SeverityVoid, advice, "hop %d was to make %d calls and made %d, and hop %d received %d "+
				"(round %d)", i, asked, *called, i+1, n.Hops[i].Received, t.Round), true
		}
		if more := n.Hops[i].Received - *called; more >= resentLeast && float64(more) > resentShare*float64(*called) {
			return c.finding(v1alpha1.SeverityWarn, "Look at the mesh's retry policy: what is sent again costs every hop "+
				"behind it as well.", "hop %d made %d calls, and hop %d received %d (round %d): somebody sends them again", i,
				*called, i+1, n.Hops[i].Received, t.Round), true
		}
	}
	return f, false
}
