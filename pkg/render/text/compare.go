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

// WriteComparison writes a comparison of two reports in one of them.
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
	return []string{
		term.Clean(c.Experiment), term.Clean(c.Level), term.Clean(c.Arm), term.Clean(string(c.Metric)),
		estimate(c.Before), estimate(c.After), estimate(c.Factor), string(c.Word),
	}
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
	comparisonLegend = "BEFORE and AFTER are ratios to the baseline of the same run, CHANGE is one by the other, each with its 95 % interval."
	maxRateLegend    = "Those of max-rate are the bounds that two brackets leave, not intervals."
)

// legend explains what the table shows.
func legend(r compare.Result) string {
	if slices.ContainsFunc(r.Changes, func(c compare.Change) bool { return c.Metric == compare.MaxRate }) {
		return comparisonLegend + "\n" + maxRateLegend
	}
	return comparisonLegend
}

func comparisonSummary(r compare.Result) string {
	return fmt.Sprintf("%d regressions, %d improvements, %d without evidence of a change, %d inconclusive",
		r.Count(compare.Regression), r.Count(compare.Improvement), r.Count(compare.NoEvidence), r.Count(compare.Unknown))
}

func comparisonTable(out io.Writer, r compare.Result) error {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, strings.Join(comparisonColumns(), "\t"))
	for _, c := range r.Changes {
		_, _ = fmt.Fprintln(table, strings.Join(comparisonRow(c), "\t"))
	}
	_ = table.Flush() // to memory
	b.WriteString("\n" + legend(r) + "\n" + comparisonSummary(r) + "\n")
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
	b.WriteString("\n" + legend(r) + "\n\n**" + comparisonSummary(r) + "**\n\n")
	for _, warning := range r.Warnings {
		b.WriteString("- **WARN** " + escape(warning) + "\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}
