package resource

import (
	"math"

	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

const (
	// clearShare is the least that a cost must be of the use that was taken off,
	// and clearMargin the most of it that its interval may take to either side: a
	// ratio to a cost that is hardly there can be anything.
	clearShare  = 0.1
	clearMargin = 0.5
	// sharedShare is the part of a cost that a shared idle figure may be without
	// being seen in the interval: were it wrong by half, the cost were off by 5 %.
	sharedShare = 0.1
)

// StandsOut reports whether costs, one a round, are clearly above the use without
// load that was taken off them, so that ratios to them mean something.
func StandsOut(costs []float64, idle float64) bool {
	if idle == 0 {
		return true
	}
	e := stats.MeanInterval(costs)
	if e.Low == nil { // too few rounds to know how much it varies
		return e.Value >= idle
	}
	return e.Value >= clearShare*idle && *e.Low >= (1-clearMargin)*e.Value
}

// RestsOnShared reports whether so much of a cost is an idle figure that other rounds
// have taken off too, that no interval over rounds holds its error.
func RestsOnShared(cost, shared float64) bool { return shared > sharedShare*math.Abs(cost) }
