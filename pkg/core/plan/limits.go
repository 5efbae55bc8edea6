package plan

import (
	"fmt"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// enoughRounds are those with which simulated runs find what docs/method.md says: a
// 10 % effect in 98.8 % of exp1 runs whose trials vary by 3 %.
const enoughRounds = 6

// Limits says what a run of this plan will not be able to tell for want of rounds, and
// what would; one sentence for each experiment that has too few, none where all have
// enough. It is said before the run, which may take hours.
func (p Plan) Limits() []string {
	var out []string
	for _, e := range p.Experiments {
		n := e.Spec.Schedule.Rounds
		if e.Spec.Search != nil || n >= enoughRounds {
			continue
		}
		of := fmt.Sprintf("%s has %s of %s", e.Metadata.Name, words.Count(n, "round", "rounds"),
			e.Spec.Schedule.Duration.Duration)
		switch {
		case e.Spec.Arms == v1alpha1.ArmsBaseline && n < stats.MinPairs:
			out = append(out, fmt.Sprintf("%s: it gives the baseline's figures, and not how far they vary; that takes %d "+
				"(--rounds %d)",
				of, stats.MinPairs, stats.MinPairs))
		case e.Spec.Arms == v1alpha1.ArmsBaseline:
		case n < stats.MinPairs:
			text := of + ": it gives each arm's figures and their ratio, without an interval, and cannot tell a difference " +
				"from chance"
			if len(e.Spec.SLOs) > 0 {
				text += ", so that no objective can be kept or broken"
			}
			out = append(out, text+fmt.Sprintf("; %d rounds are the least for that, --rounds %d finds 10 %% where trials "+
				"vary by 3 %%",
				stats.MinPairs, enoughRounds))
		default:
			out = append(out, fmt.Sprintf("%s: it gives intervals, but only large differences will be told from chance; "+
				"--rounds %d finds 10 %% where trials vary by 3 %%", of, enoughRounds))
		}
	}
	return out
}
