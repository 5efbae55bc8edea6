package plan

import (
	"math/rand/v2"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/gate"
	"github.com/meshbench/kubectl-meshbench/pkg/core/search"
)

// Search is a part of a plan that unfolds while it runs: the trials that were
// done decide the next. In each step, every arm that has not found its rate
// takes one trial, so that what drifts hits all arms alike.
type Search struct {
	Experiment v1alpha1.Experiment
	// Level has every factor but the rate.
	Level v1alpha1.Level
	Arms  []v1alpha1.Arm
	slo   gate.SLO
	seed  uint64
}

// searches are those of one experiment, one per level.
func searches(e v1alpha1.Experiment, arms []v1alpha1.Arm, random *rand.Rand) []Search {
	// The experiment is resolved, so its objective can be read.
	slo, _ := gate.Parse(e.Spec.Search.SLO)
	levels := experiment.Levels(e)
	var all []Search
	for _, i := range random.Perm(len(levels)) {
		all = append(all,
			Search{Experiment: e, Level: levels[i], Arms: experiment.Arms(e, arms), slo: slo, seed: random.Uint64()})
	}
	return all
}

// Order is the order in which the arms take a step, counted from 1. It depends
// on the seed and the step alone, so a search that is resumed has the same.
func (s Search) Order(step int) []v1alpha1.Arm {
	var out []v1alpha1.Arm
	for _, i := range rand.New(rand.NewPCG(s.seed, uint64(step))).Perm(len(s.Arms)) {
		out = append(out, s.Arms[i])
	}
	return out
}

// Next is the trial an arm takes in a step, by the trials of the steps before;
// ok is false if it has found its rate or given up.
func (s Search) Next(done []v1alpha1.Trial, step int, arm v1alpha1.Arm) (t Trial, ok bool) {
	var before []v1alpha1.Trial
	for _, t := range done {
		if t.Round < step {
			before = append(before, t)
		}
	}
	records := search.Records(before, s.slo,
		v1alpha1.Address{Experiment: s.Experiment.Metadata.Name, Level: s.Level.ID, Arm: arm.Name})
	state := search.Next(search.ConfigOf(*s.Experiment.Spec.Search), records)
	return s.Trial(step, arm, v1alpha1.Rate(state.Next)), !state.Done
}

// Trial is an arm's trial at a rate.
func (s Search) Trial(step int, arm v1alpha1.Arm, rate v1alpha1.Rate) Trial {
	t := trialOf(s.Experiment, step, arm, s.Level)
	t.Level.Rate, t.Searched = rate, true
	return t
}

// Find is the trial that an attempt's id names, which had that rate.
func (s Search) Find(id string, attempt int, rate v1alpha1.Rate) (Trial, bool) {
	for step := 1; step <= s.Experiment.Spec.Search.MaxTrials; step++ {
		for _, arm := range s.Arms {
			if t := s.Trial(step, arm, rate); t.ID(attempt) == id {
				return t, true
			}
		}
	}
	return Trial{}, false
}

// Expected is how many trials all arms together should take.
func (s Search) Expected() int {
	return len(s.Arms) * search.ConfigOf(*s.Experiment.Spec.Search).Expected()
}

// first is a trial like every other, but for its rate.
func (s Search) first() Trial { return s.Trial(1, s.Arms[0], s.Experiment.Spec.Search.Low) }

func (s Search) longest() time.Duration {
	return time.Duration(len(s.Arms)*s.Experiment.Spec.Search.MaxTrials) * s.first().longest()
}
