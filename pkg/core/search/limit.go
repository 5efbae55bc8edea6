package search

import "github.com/meshbench/kubectl-meshbench/pkg/stats"

// Limit is where the arm turns from keeping the objective to breaking it, by all
// trials at a rate together; ok is false if there is none. It does not depend on
// the bracket: why a trial was taken at a rate says nothing about its outcome.
func Limit(done []Record) (limit stats.Threshold, ok bool) {
	var trials []stats.ThresholdTrial
	for _, r := range done {
		if r.Rate > 0 && r.Outcome != Void {
			trials = append(trials, stats.ThresholdTrial{At: r.Rate, Yes: r.Outcome == Holds, Margin: r.Margin})
		}
	}
	return stats.NewThreshold(trials)
}

// SplitVotes are the steps at the ends of the bracket that nearly went the other
// way: the fewer outcomes are more than half as many as the others, such as 2 to 3.
func (s State) SplitVotes() []Step {
	var out []Step
	for _, step := range s.Steps {
		at := func(end *float64) bool { return end != nil && *end == step.Rate }
		if few, many := min(step.Holds, step.Fails), max(step.Holds, step.Fails); (at(s.HoldsAt) || at(s.FailsAt)) &&
			2*few > many {
			out = append(out, step)
		}
	}
	return out
}
