package plan

import (
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// chain is the most that requests ask for: one set of targets serves all levels.
func chain(experiments []v1alpha1.Experiment) wire.Chain {
	var most wire.Chain
	for _, e := range experiments {
		for _, l := range experiment.Levels(e) {
			if l.Chained() {
				most = wire.Chain{Hops: max(most.Hops, l.Hops), FanOut: max(most.FanOut, l.FanOut, 1)}
			}
		}
	}
	return most
}

// nextConnections is how many calls to a next target are under way at once, at most.
func nextConnections(experiments []v1alpha1.Experiment) int {
	most := 0
	for _, e := range experiments {
		for _, l := range experiment.Levels(e) {
			if l.Chained() {
				most = max(most, l.Connections*max(l.FanOut, 1))
			}
		}
	}
	return most
}
