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

// openAt is where a trial is needed because the limit's interval leaves the rates
// that were tried, although the bracket is confirmed: at the interval's end, or at
// the highest rate that the closed loop lets expect anything of. open is false where
// both ends are known, or that end is beyond the bounds that were asked for.
func openAt(c Config, high float64, done []Record) (rate float64, open bool) {
	limit, ok := Limit(done)
	if !ok {
		return 0, false
	}
	from, to := limit.Ends()
	from, to = round(from), round(to)
	switch _, low, top := limit.Interval(); {
	case low == nil && from >= max(c.Low, high*lowestShare):
		return from, true
	case top == nil && (to <= high || c.High == 0):
		return min(to, high), true
	}
	return 0, false
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
