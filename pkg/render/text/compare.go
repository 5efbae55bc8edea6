package text

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/compare"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

func comparisonColumns() []string {
	return []string{"EXPERIMENT", "LEVEL", "ARM", "METRIC", "BEFORE", "AFTER", "CHANGE", "VERDICT"}
}

func comparisonRow(c compare.Change) []string {
	if c.Metric == v1alpha1.MetricErrors {
		return []string{
			term.Clean(c.Experiment), term.Clean(c.Level), term.Clean(c.Arm), term.Clean(string(c.Metric)),
			points(c.Before), points(c.After), points(c.Difference), string(c.Word),
		}
	}
	return []string{
		term.Clean(c.Experiment), term.Clean(c.Level), term.Clean(c.Arm), term.Clean(string(c.Metric)),
		estimate(c.Before), estimate(c.After), estimate(c.Factor), string(c.Word),
	}
}

// points are a difference of shares of requests, in percentage points.
func points(e *v1alpha1.Estimate) string {
	if e == nil {
		return "-"
	}
	signed := func(share float64) string { return fmt.Sprintf("%+.3g", 100*share) }
	return quantity.Within(signed(e.Value)+" pp", "[", quantity.Interval(*e, signed), "]")
}

func estimate(e *v1alpha1.Estimate) string {
	if e == nil {
		return "-"
	}
	point, interval := quantity.Ratio(*e)
	return quantity.Within(point, "[", interval, "]")
}

const (
	comparisonLegend = "BEFORE and AFTER are ratios to the baseline of the same run, CHANGE is one by the other; " +
		"in brackets are 95 % intervals."
	errorsLegend  = "Those of errors are differences, in percentage points of the requests."
	maxRateLegend = "Those of max-rate are what the ends of both searches' intervals leave at most."
)

// legend explains what the table shows, a line each.
func legend(r compare.Result) []string {
	shows := func(m v1alpha1.Metric) bool {
		return slices.ContainsFunc(r.Changes, func(c compare.Change) bool { return c.Metric == m })
	}
	lines := []string{comparisonLegend}
	if shows(v1alpha1.MetricErrors) {
		lines = append(lines, errorsLegend)
	}
	if shows(compare.MaxRate) {
		lines = append(lines, maxRateLegend)
	}
	matters := fmt.Sprintf("A change matters beyond %.3g %%", 100*r.MinChange)
	if shows(v1alpha1.MetricErrors) {
		matters += ", of errors beyond 0.1 percentage points"
	}
	matters += "."
	if r.Tests > 0 {
		matters += fmt.Sprintf(" %d comparisons were judged together: "+
			"of such tables, at most 2.5 %% call any change a regression wrongly.", r.Tests)
	}
	lines = append(lines, matters)
	if r.Unit == compare.UnitReport {
		text := "The intervals of CHANGE are over the reports of each side"
		if r.SessionsBefore > 0 && r.SessionsAfter > 0 {
			text += fmt.Sprintf(", which are of %d and %d sessions", r.SessionsBefore, r.SessionsAfter)
		}
		return append(lines, text+".")
	}
	return append(lines,
		"Intervals are over rounds. One session a side cannot tell what sessions of one system differ by, often 2 %: "+
			"compare several (--before, --after) to see less than that.")
}

func comparisonSummary(r compare.Result) string {
	return fmt.Sprintf("%d regressions, %d improvements, %d equivalent, %d undecided, %d inconclusive",
		r.Count(compare.Regression), r.Count(compare.Improvement), r.Count(compare.Equivalent), r.Count(compare.Undecided),
		r.Count(compare.Unknown))
}

// reasons say why changes are not judged, each once for an arm of a level.
func reasons(r compare.Result) []string {
	type subject struct {
		v1alpha1.Address
		why string
	}
	var order []subject
	metrics := map[subject][]string{}
	for _, c := range r.Changes {
		if c.Reason == "" {
			continue
		}
		at := subject{c.Address, c.Reason}
		if metrics[at] == nil {
			order = append(order, at)
		}
		metrics[at] = append(metrics[at], string(c.Metric))
	}
	var out []string
	for _, at := range order {
		out = append(out, fmt.Sprintf("%s of %s in %s, %s: %s", strings.Join(metrics[at], ", "), at.Arm, at.Experiment,
			at.Level, at.why))
	}
	return out
}

// Comparison writes what a terminal shows of a comparison of reports.
func Comparison(out io.Writer, r compare.Result, style term.Style) error {
	w := tableWriter{style: style}
	if len(r.Changes) > 0 {
		w.grid(w.fitting(w.changes(r, true), w.changes(r, false)))
		w.line("")
	}
	for _, text := range append(legend(r), comparisonSummary(r)) {
		for _, part := range term.Wrap(text, w.style.Width()) {
			w.line("%s", part)
		}
	}
	for _, reason := range reasons(r) {
		w.hanging("NOTE", "not judged: "+term.Clean(reason), w.style.Dim)
	}
	for _, warning := range r.Warnings {
		w.hanging("WARN", term.Clean(warning), w.style.Yellow)
	}
	_, err := io.WriteString(out, w.text.String())
	return err
}

// changes are the rows of all arms, each arm below its name; without room for all
// intervals, that of the change is the one to keep.
func (w *tableWriter) changes(r compare.Result, intervals bool) grid {
	g := grid{left: []bool{true, true, true, true, true}, heads: map[int]string{}}
	var titles []cell
	for _, title := range comparisonColumns()[3:] {
		titles = append(titles, cell{title, w.style.Bold})
	}
	g.lines = append(g.lines, titles)
	var last v1alpha1.Address
	for i, c := range r.Changes {
		if i == 0 || c.Address != last {
			g.heads[len(g.lines)] = w.style.Bold(placeOf(c.Address))
			last = c.Address
		}
		var line []cell
		for k, text := range comparisonRow(c)[3:] {
			one := cell{text: text}
			if k == 1 || k == 2 {
				if point, _, has := strings.Cut(text, " ["); has && !intervals {
					one.text = point
				}
			}
			if k == 4 {
				one.paint = w.paintOfWord(c.Word)
			}
			line = append(line, one)
		}
		g.lines = append(g.lines, line)
	}
	return g
}

// placeOf names an arm at a level: "exp2 rate=100, with-mesh".
func placeOf(a v1alpha1.Address) string {
	text := term.Clean(a.Experiment)
	if a.Level != experiment.DefaultLevel && a.Level != "" {
		text += " " + term.Clean(a.Level)
	}
	return text + ", " + term.Clean(a.Arm)
}

func (w *tableWriter) paintOfWord(word compare.Word) func(string) string {
	switch word {
	case compare.Regression:
		return w.style.Red
	case compare.Improvement:
		return w.style.Green
	case compare.Undecided, compare.Unknown:
		return w.style.Yellow
	}
	return nil
}

// ComparisonMarkdown writes a comparison as a table for an issue or a wiki.
func ComparisonMarkdown(out io.Writer, r compare.Result, _ term.Style) error {
	var b strings.Builder
	b.WriteString("| " + strings.ToLower(strings.Join(comparisonColumns(), " | ")) + " |\n|" +
		strings.Repeat(" --- |", len(comparisonColumns())) + "\n")
	for _, c := range r.Changes {
		b.WriteString("|")
		for _, text := range comparisonRow(c) {
			b.WriteString(" " + escape(text) + " |")
		}
		b.WriteString("\n")
	}
	b.WriteString("\n" + strings.Join(legend(r), "\n") + "\n\n**" + comparisonSummary(r) + "**\n\n")
	for _, reason := range reasons(r) {
		b.WriteString("- **NOTE** not judged: " + escape(reason) + "\n")
	}
	for _, warning := range r.Warnings {
		b.WriteString("- **WARN** " + escape(warning) + "\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}
