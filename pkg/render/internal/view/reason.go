package view

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// Reasons are why figures that have a place in a table were not measured: each
// reason once, with what is missing for it.
type Reasons struct {
	all []reason
}

type reason struct {
	why  string
	what []string
}

// Add takes in what a row says of a metric.
func (r *Reasons) Add(row Row, m metric.Metric) {
	e := row.Entries[m.Name]
	if e.Absolute != notMeasured || e.Why == "" || e.Why == notMeasured || row.Cell.Rounds == 0 {
		return
	}
	i := slices.IndexFunc(r.all, func(one reason) bool { return one.why == e.Why })
	if i < 0 {
		i, r.all = len(r.all), append(r.all, reason{why: e.Why})
	}
	what := m.Column + " of " + term.Clean(row.Arm.Name)
	if !slices.Contains(r.all[i].what, what) {
		r.all[i].what = append(r.all[i].what, what)
	}
}

// Lines are the legend, at most a few lines.
func (r *Reasons) Lines() []string {
	const most = 4
	var out []string
	for i, one := range r.all {
		if i == most {
			return append(out, fmt.Sprintf("%s for %d more reasons: -o json names them.", notMeasured, len(r.all)-most))
		}
		what := one.what
		if n := len(what) - most; n > 0 {
			what = append(slices.Clone(what[:most]), fmt.Sprintf("%d more", n))
		}
		out = append(out, fmt.Sprintf("%s: %s: %s.", notMeasured, strings.Join(what, ", "), one.why))
	}
	return out
}
