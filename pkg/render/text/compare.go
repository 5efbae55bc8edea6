package text

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/compare"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// ComparisonFormats are the names of the formats of a comparison.
func ComparisonFormats() []string { return []string{"table", "markdown", "json"} }

// WriteComparison writes a comparison of reports in one of them.
func WriteComparison(out io.Writer, format string, r compare.Result) error {
	switch format {
	case "table":
		return comparisonTable(out, r)
	case "markdown":
		return comparisonMarkdown(out, r)
	case "json":
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(r)
	default:
		return fmt.Errorf("no format %q: want one of %s", format, strings.Join(ComparisonFormats(), ", "))
	}
}

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
	text := fmt.Sprintf("%+.3g pp", 100*e.Value)
	if e.Low != nil && e.High != nil {
		text += fmt.Sprintf(" [%+.3g..%+.3g]", 100*(*e.Low), 100*(*e.High))
	}
	return text
}

func estimate(e *v1alpha1.Estimate) string {
	if e == nil {
		return "-"
	}
	text := "x" + quantity.Times(e.Value)
	if e.Low != nil && e.High != nil {
		text += " [" + quantity.Times(*e.Low) + ".." + quantity.Times(*e.High) + "]"
	}
	return text
}

const (
	comparisonLegend = "BEFORE and AFTER are ratios to the baseline of the same run, CHANGE is one by the other, " +
		"each with its 95 % interval."
	errorsLegend  = "Those of errors are differences, in percentage points of the requests."
	maxRateLegend = "Those of max-rate are the bounds that two brackets leave, not intervals."
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
		return append(lines, "The intervals of CHANGE are over the reports of each side.")
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

func comparisonTable(out io.Writer, r compare.Result) error {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, strings.Join(comparisonColumns(), "\t"))
	for _, c := range r.Changes {
		_, _ = fmt.Fprintln(table, strings.Join(comparisonRow(c), "\t"))
	}
	_ = table.Flush() // to memory
	b.WriteString("\n" + strings.Join(legend(r), "\n") + "\n" + comparisonSummary(r) + "\n")
	for _, reason := range reasons(r) {
		b.WriteString("NOTE  not judged: " + term.Clean(reason) + "\n")
	}
	for _, warning := range r.Warnings {
		b.WriteString("WARN  " + term.Clean(warning) + "\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func comparisonMarkdown(out io.Writer, r compare.Result) error {
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
