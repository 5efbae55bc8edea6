package analyse

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

const (
	codeOneSession      = "one-session"
	codeSeveralSessions = "several-sessions"
	codePairApart       = "pair-apart"

	// apartTimes is how many times as far apart as usual the two windows of a pair may
	// be, and apartLeast what is no distance whatever is usual.
	apartTimes = 5
	apartLeast = 10 * time.Minute
)

// oneSession says what the intervals cannot know.
func oneSession(d *data) []v1alpha1.Finding {
	if len(d.sessions) > 1 || !d.hasIntervals() {
		return nil
	}
	return []v1alpha1.Finding{{
		Severity: v1alpha1.SeverityInfo,
		Evidence: "all rounds are of one session: between-session variation unknown",
		Advice:   "Repeat the run on another day and compare the reports before generalising.",
	}}
}

// severalSessions tells of runs that went on later.
func severalSessions(d *data) []v1alpha1.Finding {
	if len(d.sessions) < 2 || !d.hasIntervals() {
		return nil
	}
	const format = "2006-01-02 15:04"
	var list []string
	for _, s := range d.sessions {
		list = append(list,
			fmt.Sprintf("%s (%s)", s.StartedAt.UTC().Format(format), words.Count(s.Trials, "trial", "trials")))
	}
	return []v1alpha1.Finding{{
		Severity: v1alpha1.SeverityInfo,
		Evidence: fmt.Sprintf("the rounds are of %d sessions, begun %s UTC", len(list), strings.Join(list, " and ")),
		Advice: "Read ratios, which are paired within rounds, and not absolute values: an interval over rounds of a few " +
			"sessions does not tell what sessions differ by.",
	}}
}

func (d *data) hasIntervals() bool {
	return slices.ContainsFunc(d.comparisons, func(c v1alpha1.Comparison) bool { return c.Pairs >= stats.MinPairs })
}

// pairApart finds rounds whose trial of an arm lies much further from the baseline's
// than is usual: what drifts has had time to.
func pairApart(d *data) []v1alpha1.Finding {
	type pair struct {
		cell  *cell
		round int
		apart time.Duration
	}
	var all []pair
	for _, c := range d.cells {
		base := d.byAddress[c.at.Of(d.baseline.Name)]
		if base == nil || base == c {
			continue
		}
		for _, r := range c.rounds {
			for _, b := range base.rounds {
				w, v := r.trial.Window, b.trial.Window
				if b.trial.Round == r.trial.Round && !w.StartedAt.IsZero() && !v.StartedAt.IsZero() {
					all = append(all, pair{c, r.trial.Round, between(*w, *v)})
				}
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	sorted := slices.SortedFunc(slices.Values(all), func(a, b pair) int { return cmp.Compare(a.apart, b.apart) })
	usual := sorted[(len(sorted)-1)/2].apart
	var out []v1alpha1.Finding
	for _, p := range all {
		if p.apart > apartLeast && p.apart > apartTimes*usual {
			out = append(out, p.cell.finding(v1alpha1.SeverityWarn,
				"Run again without a break, or leave that round out: its ratio holds what changed in between.",
				"in round %d this arm and the baseline were measured %s apart, usually %s", p.round, p.apart.Round(time.Second),
				usual.Round(time.Second)))
		}
	}
	return out
}

// between is the time between two windows, 0 if they touch.
func between(a, b v1alpha1.Window) time.Duration {
	return max(a.StartedAt.Sub(b.EndedAt), b.StartedAt.Sub(a.EndedAt), 0)
}
