package analyse

import (
	"errors"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

const (
	codeNoData     = "no-data"
	codeUnreadable = "resolution-differs"
	codeIdentical  = "identical-histograms"
	codeRepeated   = "trial-repeated"

	// So many samples never fall into the same buckets twice by chance.
	enoughToBeUnique = 100
)

// noData finds planned cells without a usable trial, or without any request.
// They are shown as missing, never dropped.
func noData(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.cells {
		if c.impossible != "" {
			continue // told of as that
		}
		if len(c.rounds) > 0 {
			if !slices.ContainsFunc(c.rounds, func(r round) bool { return r.trial.Load.Requests+r.trial.Load.Failed() > 0 }) {
				out = append(out,
					c.finding(v1alpha1.SeverityVoid, "See whether the target answers at all, and lengthen the window: --duration.",
						"no request ended in %s, neither answered nor failed", words.Count(len(c.rounds), "round", "rounds")))
			}
			continue
		}
		why := "no trial was run"
		advice := "Run the experiment again to its end."
		if n := len(c.trials); n > 0 {
			why = "no trial gave usable data, the last one: " + reason(c.trials[n-1])
			advice = "Remove the cause and run the experiment again."
		}
		out = append(out, c.finding(v1alpha1.SeverityVoid, advice, "%s", why))
	}
	return out
}

func reason(t v1alpha1.Trial) string {
	switch {
	case t.Reason != "":
		return strings.Join(strings.Fields(t.Reason), " ")
	case t.Status == v1alpha1.TrialCompleted:
		return "its measurement cannot be read"
	default:
		return "no reason given"
	}
}

// unreadableHistogram finds trials whose histogram is damaged or of another
// resolution. They are left out, never merged.
func unreadableHistogram(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.cells {
		for _, u := range c.unreadable {
			what := "the histogram cannot be read: "
			if errors.Is(u.reason, stats.ErrResolution) {
				what = ""
			}
			f := c.finding(v1alpha1.SeverityVoid, "Use a plugin and a worker of the same version.", "%s%v", what, u.reason)
			f.Trial = u.trial.ID
			out = append(out, f)
		}
	}
	return out
}

// identicalHistograms finds trials with the very same distribution: one was
// copied from the other. Neither can be trusted.
func identicalHistograms(d *data) []v1alpha1.Finding {
	type place struct {
		cell  *cell
		trial string
	}
	seen := map[string]place{}
	var out []v1alpha1.Finding
	for _, c := range d.cells {
		for _, r := range c.rounds {
			h := r.trial.Load.ServiceTime
			if h == nil || h.Count < enoughToBeUnique {
				continue
			}
			first, copied := seen[h.Data]
			if !copied {
				seen[h.Data] = place{c, r.trial.ID}
				continue
			}
			for _, at := range cellsOnce(first.cell, c) {
				out = append(out,
					at.finding(v1alpha1.SeverityVoid, "Discard this report: two measurements never agree to the last sample.",
						"trials %s and %s have identical histograms of %d samples", first.trial, r.trial.ID, h.Count))
			}
		}
	}
	return out
}

func cellsOnce(a, b *cell) []*cell {
	if a == b {
		return []*cell{a}
	}
	return []*cell{a, b}
}

// trialRepeated tells of void trials and what became of their round.
func trialRepeated(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.cells {
		for _, t := range c.trials {
			if t.Usable() {
				continue
			}
			f := c.finding(v1alpha1.SeverityWarn, "", "round %d has no result: %s", t.Round, reason(t))
			f.Advice = "The comparison lacks this round; run again if too few are left."
			if c.has(t.Round) {
				f.Severity = v1alpha1.SeverityInfo
				f.Evidence = strings.Replace(f.Evidence, "has no result", "was repeated", 1)
				f.Advice = ""
			}
			f.Trial = t.ID
			out = append(out, f)
		}
	}
	return out
}

func (c *cell) has(number int) bool {
	for _, r := range c.rounds {
		if r.trial.Round == number {
			return true
		}
	}
	return false
}
