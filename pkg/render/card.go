package render

import (
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// card is the answer at a glance: one arm at one level against the baseline.
type card struct {
	Where, Arm, Baseline string
	Lines                []cardLine
}

type cardLine struct {
	Name, Verdict, Class, Word, Interval, Arm, Baseline string
}

// mostCards is how many are read at a glance; more become a table.
const mostCards = 3

func cards(r v1alpha1.Report) []card {
	var out []card
	all := panels(r)
	for _, p := range all {
		base := baselineRow(p)
		for _, one := range p.rows {
			if one.arm.Role != v1alpha1.RoleMeshed || base == nil {
				continue
			}
			where := term.Clean(p.experiment.Metadata.Name)
			if name := levelName(p); name != "" {
				where += " · " + name
			}
			c := card{Where: where, Arm: term.Clean(one.arm.Name), Baseline: term.Clean(base.arm.Name)}
			for _, m := range shown(metric.Leading(), all...) {
				e := one.entries[m.Name]
				c.Lines = append(c.Lines, cardLine{
					Name: m.Title, Verdict: strings.Replace(e.verdict, "x", "×", 1), Class: direction(m, e.evidence),
					Word:     wordOf(direction(m, e.evidence), e),
					Interval: intervalText(e), Arm: orNoData(e), Baseline: orNoData(base.entries[m.Name]),
				})
			}
			out = append(out, c)
		}
	}
	return out
}

func wordOf(direction string, e entry) string {
	switch {
	case e.missing || e.verdict == "":
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
func intervalText(e entry) string {
	if e.interval == "" || e.interval == oneRound {
		return e.interval
	}
	return "95 %: " + e.interval
}

func orNoData(e entry) string {
	if e.absolute == "" {
		return "no data"
	}
	return e.absolute
}

func baselineRow(p panel) *row {
	for i := range p.rows {
		if p.rows[i].arm.Role == v1alpha1.RoleBaseline {
			return &p.rows[i]
		}
	}
	return nil
}
