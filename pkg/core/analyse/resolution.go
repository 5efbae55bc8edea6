package analyse

import (
	"math"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
)

// What counts tell apart, beside what metric says of ratios and clocks.
const (
	// resolvedRequests: one request may fall to either side of each end of a window.
	resolvedRequests = 2
	// resolvedBytes is a page.
	resolvedBytes = 4096
)

// unresolved reports whether a difference, the mean over rounds of arm -
// baseline in the metric's unit, is below what can be told apart.
func (c *cell) unresolved(unit v1alpha1.Unit, difference float64, ratio *v1alpha1.Estimate) bool {
	if ratio != nil && math.Abs(ratio.Value-1) <= metric.ResolvedRatio {
		return true
	}
	requests, seconds := c.perRound()
	step := 0.0
	switch unit {
	case v1alpha1.UnitSeconds:
		step = metric.ResolvedSeconds
	case v1alpha1.UnitPerSecond:
		step = resolvedRequests / seconds
	case v1alpha1.UnitRatio, v1alpha1.UnitTimes:
		step = 1 / requests
	case v1alpha1.UnitRequests:
		step = 0.5 // on average over rounds
	case v1alpha1.UnitBytes:
		step = resolvedBytes
	}
	// A cell without a window or a request has nothing to resolve.
	return !math.IsInf(step, 0) && math.Abs(difference) <= step*(1+1e-9)
}

// perRound is the mean number of requests, and the mean length of a window.
func (c *cell) perRound() (requests, seconds float64) {
	for _, r := range c.rounds {
		requests += float64(r.trial.Load.Requests+r.trial.Load.Failed()) / float64(len(c.rounds))
		seconds += r.trial.Window.Seconds / float64(len(c.rounds))
	}
	return requests, seconds
}
