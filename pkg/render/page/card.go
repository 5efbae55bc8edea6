package page

import (
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/view"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// card is the answer at a glance: one arm at one level against the baseline.
type card struct {
	Experiment, Where, Arm, Baseline string
	Lines                            []cardLine
}

type cardLine struct {
	Name, Lead, Class, Word, Interval, Difference, Arm, Baseline string
}

// glance is a table of those cards whose experiment has one level, and an overview
// of each that has more.
func glance(all []card, panels []view.Panel) (rest []card, overviews []overview) {
	shown := map[string]bool{}
	for _, e := range byExperiment(panels) {
		if o := overviewOf(e.panels); o != nil {
			overviews = append(overviews, *o)
			shown[o.Name] = true
		}
	}
	for _, c := range all {
		if !shown[c.Experiment] {
			rest = append(rest, c)
		}
	}
	return rest, overviews
}

// mostCards is how many are read at a glance; more become a table.
const mostCards = 3

func cards(r v1alpha1.Report) []card {
	var out []card
	all := view.Panels(r)
	for _, p := range all {
		base := baselineRow(p)
		for _, one := range p.Rows {
			if one.Arm.Role != v1alpha1.RoleMeshed || base == nil {
				continue
			}
			name := term.Clean(p.Experiment.Metadata.Name)
			where := name
			if level := levelName(p); level != "" {
				where += " · " + level
			}
			c := card{Experiment: name, Where: where, Arm: term.Clean(one.Arm.Name), Baseline: term.Clean(base.Arm.Name)}
			for _, m := range view.Shown(metric.Leading(), all...) {
				e := one.Entries[m.Name]
				c.Lines = append(c.Lines, cardLine{
					Name: m.Title, Lead: strings.Replace(e.Lead, "x", "×", 1), Class: direction(m, e.Conclusion),
					Word:     wordOf(direction(m, e.Conclusion), e),
					Interval: intervalText(e), Difference: costOf(e), Arm: orNoData(e), Baseline: orNoData(base.Entries[m.Name]),
				})
			}
			out = append(out, c)
		}
	}
	return out
}

func wordOf(direction string, e view.Entry) string {
	switch {
	case e.Missing || e.Lead == "":
		return ""
	case direction == "same":
		return "no difference seen"
	case direction == "undecided":
		return ""
	default:
		return direction
	}
}

// intervalText says at which confidence an interval is.
func intervalText(e view.Entry) string {
	if e.Interval == "" || e.Interval == view.OneRound {
		return e.Interval
	}
	return "95 %: " + e.Interval
}

func orNoData(e view.Entry) string {
	if e.Absolute == "" {
		return "no data"
	}
	return e.Absolute
}

func baselineRow(p view.Panel) *view.Row {
	for i := range p.Rows {
		if p.Rows[i].Arm.Role == v1alpha1.RoleBaseline {
			return &p.Rows[i]
		}
	}
	return nil
}
