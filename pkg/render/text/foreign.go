package text

import (
	"cmp"
	"io"

	"github.com/meshbench/kubectl-meshbench/pkg/core/foreign"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// Foreign writes results of another load generator, and each one's ratio to the
// first.
func Foreign(out io.Writer, all []foreign.Result, style term.Style) error {
	w := tableWriter{style: style}
	g := grid{left: []bool{true, true}}
	var titles []cell
	for _, t := range []string{"RESULT", "ASKED", "RPS", "x", "P50", "P99", "x", "FAILED"} {
		titles = append(titles, cell{t, w.style.Bold})
	}
	g.lines = append(g.lines, titles)
	first := all[0]
	for i, r := range all {
		times := func(a, b float64) string { // of two figures that are there
			if i == 0 || !(a > 0) || !(b > 0) {
				return ""
			}
			return quantity.Times(a / b)
		}
		p50, has50 := r.Percentiles["p50"]
		p99, has99 := r.Percentiles["p99"]
		failed := "-"
		if r.FailedRatio != nil {
			failed = quantity.Percent(*r.FailedRatio)
		}
		g.lines = append(g.lines, []cell{{text: term.Clean(cmp.Or(r.Label, r.From))}, {text: term.Clean(r.Requested)},
			{text: quantity.Rate(r.PerSecond) + "/s"}, {text: times(r.PerSecond, first.PerSecond), paint: w.style.Dim},
			{text: secondsOr(p50.Seconds, has50)}, {text: secondsOr(p99.Seconds, has99)},
			{text: times(p99.Seconds, first.Percentiles["p99"].Seconds), paint: w.style.Dim}, {text: failed}})
	}
	w.grid(g)
	w.line("")
	w.setting(foreign.Caveat + " x is the figure by that of the first.")
	_, err := io.WriteString(out, w.text.String())
	return err
}

func secondsOr(v float64, ok bool) string {
	if !ok {
		return "n/a"
	}
	return quantity.Seconds(v)
}
