package runner

import (
	"context"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
)

// search runs a search step by step until every arm has found its rate. What
// comes next follows from the trials that were recorded, so a search that is
// resumed goes on where it was.
func (x *run) search(ctx context.Context, s plan.Search) error {
	for step := 1; ; step++ {
		searching := false
		for _, arm := range s.Order(step) {
			t, ok := s.Next(x.outcome.Trials, step, arm)
			if !ok || x.givenUp[arm.Name] != nil {
				continue
			}
			searching = true
			if x.isDone(t) || x.attempts(t) > *t.Schedule.Repeats {
				continue
			}
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err := x.trial(ctx, len(x.plan.Trials)+x.searched(), t); err != nil {
				return err
			}
		}
		if !searching {
			return nil
		}
	}
}

// searched counts the trials with a result that searches have made.
func (x *run) searched() int {
	n := 0
	for _, t := range x.outcome.Trials {
		if t.Rate != nil && t.Status == v1alpha1.TrialCompleted {
			n++
		}
	}
	return n
}

// attempts counts how often a planned trial was tried.
func (x *run) attempts(t plan.Trial) int {
	n := 0
	for _, have := range x.outcome.Trials {
		if have.Experiment == t.Experiment && have.Round == t.Round && have.Arm == t.Arm.Name && have.Level == t.Level.ID {
			n++
		}
	}
	return n
}
