package runner

import (
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/core/precision"
)

// settle takes the rounds out of the plan that an experiment does not need to be
// as precise as it is asked to be. That follows from its first rounds alone, so that
// a run that goes on takes out the same. It says how precise the experiment is
// before each round that is added.
func (x *run) settle(t plan.Trial) {
	i := slices.IndexFunc(x.plan.Experiments, func(e v1alpha1.Experiment) bool { return e.Metadata.Name == t.Experiment })
	if i < 0 {
		return
	}
	e := x.plan.Experiments[i]
	if first := precision.First(e); first == 0 || t.Round <= first || x.settled[t.Experiment] == t.Round {
		return
	}
	state := precision.State(e, x.plan.Arms, x.outcome.Trials)
	if x.settled[t.Experiment] = t.Round; t.Round > state.PlannedRounds || !x.isDone(t) {
		x.Notify(Settled{Precision: state})
	}
	x.plan.Trials = slices.DeleteFunc(slices.Clone(x.plan.Trials), func(p plan.Trial) bool {
		return p.Experiment == t.Experiment && p.Round > state.PlannedRounds
	})
}
