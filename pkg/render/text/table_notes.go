package text

import (
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/view"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

func (w *tableWriter) legend(r v1alpha1.Report) {
	intervals := false
	for _, c := range r.Comparisons {
		intervals = intervals || c.Ratio != nil && c.Ratio.Low != nil
	}
	var lines []string
	if intervals {
		lines = append(lines,
			"x0.71 is the ratio to the baseline of the same round, with its 95 % interval; "+
				"the difference is in the metric's unit. ~ is not distinguishable from the baseline.")
	}
	if n := view.JudgedTogether(r); n > 0 {
		lines = append(lines, view.ClaimsLegend(n))
	}
	if w.inconclusive {
		lines = append(lines, "inconclusive: fewer than 4 rounds have both values, too few to tell a difference from chance.")
	}
	if w.single {
		lines = append(lines, view.OneRound+": a ratio of one round cannot be told from chance.")
	}
	if w.loops {
		lines = append(lines, loopLegend)
	}
	if w.ranges {
		lines = append(lines, "ROUNDS is from the lowest round to the highest.")
	}
	if w.costs {
		lines = append(lines,
			"CPU/1K is the CPU time of all nodes of a trial for 1,000 requests; -o wide splits it by who spent it.")
	}
	if w.refused {
		lines = append(lines,
			fmt.Sprintf("n/a: fewer than %d samples lie above that percentile (%s).", metric.Beyond, view.PercentileNeeds()))
	}
	lines = append(lines, w.reasons.Lines()...)
	if len(r.Searches) > 0 {
		lines = append(lines, view.SearchLegendOf(r))
	}
	if len(lines) > 0 {
		w.line("")
	}
	for _, line := range lines {
		for _, part := range term.Wrap(line, w.style.Width()) {
			w.line("%s", w.style.Dim(part))
		}
	}
}

// loopLegend says what a ratio of latencies is in a closed loop.
const loopLegend = "In a closed loop latency is connections divided by throughput: " +
	"its ratio says how far the arm was saturated, not what delay it adds."

// verdicts prints what became of each objective.
func (w *tableWriter) verdicts(r v1alpha1.Report) {
	if len(r.Verdicts) > 0 {
		w.line("")
	}
	for _, v := range r.Verdicts {
		label := strings.ToUpper(string(v.Result))
		paint := map[v1alpha1.VerdictResult]func(string) string{
			v1alpha1.VerdictPass: w.style.Green, v1alpha1.VerdictFail: w.style.Red, v1alpha1.VerdictInconclusive: w.style.Yellow,
		}[v.Result]
		if paint == nil {
			paint = w.style.Bold
		}
		where := view.ScopeText(v1alpha1.Scope(v.Address), len(r.Experiments))
		w.hanging(term.Clean(label), term.Clean(fmt.Sprintf("%s: %s: %s", where, v.SLO, v.Evidence)), paint)
	}
}

// hanging prints a label and its text, later lines of it indented.
func (w *tableWriter) hanging(label, text string, paint func(string) string) {
	for i, part := range term.Wrap(label+"  "+text, w.style.Width()-2) {
		if i == 0 {
			part = paint(label) + strings.TrimPrefix(part, label)
		} else {
			part = "  " + part
		}
		w.line("%s", part)
	}
}

func (w *tableWriter) findings(r v1alpha1.Report) {
	all := view.Notes(r)
	if len(all) > 0 {
		w.line("")
	}
	for _, n := range all {
		text := n.Text
		if n.Scope != "" {
			text = n.Scope + ": " + text
		}
		paint := map[v1alpha1.Severity]func(string) string{v1alpha1.SeverityVoid: w.style.Red,
			v1alpha1.SeverityWarn: w.style.Yellow}[n.Severity]
		if paint == nil {
			paint = w.style.Dim
		}
		w.hanging(n.Label, text, paint)
	}
}
