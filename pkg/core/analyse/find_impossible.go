package analyse

import (
	"cmp"
	"slices"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const codeImpossible = "impossible-figures"

const impossibleAdvice = "Use none of these figures: run again with a plugin and a worker of one release, and " +
	"take reports from where they were made."

// impossibleFigures finds cells with a trial that no worker of ours can have
// measured. Such a cell has no figures at all: who made up one trial is no source
// of the others.
func impossibleFigures(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.cells {
		if c.impossible != "" {
			out = append(out, c.finding(v1alpha1.SeverityVoid, impossibleAdvice, "%s", c.impossible))
		}
	}
	for _, s := range d.searches {
		if s.impossible != "" {
			out = append(out, s.finding(v1alpha1.SeverityVoid, impossibleAdvice, "%s", s.impossible))
		}
	}
	return out
}

// impossibleIn says which of the trials of a cell cannot be, and why; empty if all
// can.
func impossibleIn(trials []v1alpha1.Trial, rate v1alpha1.Rate, overlaps map[string]string) string {
	for _, t := range trials {
		if why := cmp.Or(Impossible(t, rate), overlaps[t.ID]); why != "" {
			return "trial " + t.ID + " has " + why
		}
	}
	return ""
}

// overlapping are the usable trials whose window lies for the most part within that
// of another, by id, with what to say. Trials run one after the other. Clocks of two
// nodes may differ, so that only windows by one node's clock are compared.
func overlapping(trials []v1alpha1.Trial) map[string]string {
	byClock := map[string][]v1alpha1.Trial{}
	for _, t := range trials {
		if t.Usable() && !t.Window.StartedAt.IsZero() && len(t.Pods) > 0 && t.Pods[0].Node != "" {
			byClock[t.Pods[0].Node] = append(byClock[t.Pods[0].Node], t)
		}
	}
	out := map[string]string{}
	for _, all := range byClock {
		slices.SortStableFunc(all, func(a, b v1alpha1.Trial) int { return a.Window.StartedAt.Compare(b.Window.StartedAt) })
		for i := range all[:max(len(all), 1)-1] {
			a, b := all[i], all[i+1]
			common := min(a.Window.EndedAt.Sub(b.Window.StartedAt), b.Window.EndedAt.Sub(b.Window.StartedAt))
			if common > time.Duration(min(a.Window.Seconds, b.Window.Seconds)/2*float64(time.Second)) {
				out[a.ID] = "a window that overlaps with that of trial " + b.ID
				out[b.ID] = "a window that overlaps with that of trial " + a.ID
			}
		}
	}
	return out
}
