package price

import (
	"maps"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// perRound is a quantity in each round. Sums have those rounds that all parts
// have, so that what drifts with a round drifts in the sum.
type perRound map[int]float64

func (p perRound) plus(q perRound) perRound {
	if p == nil {
		return q
	}
	out := perRound{}
	for round, v := range p {
		if w, ok := q[round]; ok {
			out[round] = v + w
		}
	}
	return out
}

func (p perRound) times(by float64) perRound {
	out := perRound{}
	for round, v := range p {
		out[round] = v * by
	}
	return out
}

// estimate is the mean over rounds with its 95 % interval; nil without any.
func (p perRound) estimate() *v1alpha1.Estimate {
	if len(p) == 0 {
		return nil
	}
	e := stats.MeanInterval(p.values())
	return &e
}

func (p perRound) values() []float64 {
	var out []float64
	for _, round := range slices.Sorted(maps.Keys(p)) {
		out = append(out, p[round])
	}
	return out
}
