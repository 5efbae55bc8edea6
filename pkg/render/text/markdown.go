package text

import (
	"fmt"
	"io"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/view"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// Markdown writes tables for an issue or a wiki.
func Markdown(out io.Writer, r v1alpha1.Report, _ term.Style) error {
	var b strings.Builder
	for _, f := range view.Facts(r) {
		fmt.Fprintf(&b, "- **%s** %s\n", f.Name, escape(f.Text))
	}
	var reasons view.Reasons
	for _, p := range view.Panels(r) {
		fmt.Fprintf(&b, "\n### %s", escape(p.Experiment.Metadata.Name))
		if p.Level.ID != "default" {
			fmt.Fprintf(&b, " %s", escape(p.Level.ID))
		}
		fmt.Fprintf(&b, "\n\n%s\n", escape(view.Setting(p)))
		markdownTable(&b, view.Shown(metric.Table(false), p), p, &reasons)
		for _, c := range view.CostBlocks(p) {
			fmt.Fprintf(&b, "\n%s\n", escape(c.Title))
			markdownTable(&b, c.Columns, p, &reasons)
		}
	}
	for _, line := range reasons.Lines() {
		fmt.Fprintf(&b, "\n%s\n", escape(line))
	}
	markdownSearches(&b, r)
	markdownSlopes(&b, r)
	markdownEffects(&b, r)
	b.WriteString("\n")
	for _, n := range view.Notes(r) {
		scope := n.Scope
		if scope != "" {
			scope += ": "
		}
		fmt.Fprintf(&b, "- **%s** %s%s\n", escape(n.Label), escape(scope), escape(n.Text))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func markdownTable(b *strings.Builder, columns []metric.Metric, p view.Panel, reasons *view.Reasons) {
	b.WriteString("\n| arm |")
	rule := "| --- |"
	for _, c := range columns {
		fmt.Fprintf(b, " %s |", c.Column)
		rule += " ---: |"
	}
	b.WriteString("\n" + rule + "\n")
	for _, row := range p.Rows {
		fmt.Fprintf(b, "| %s |", escape(row.Arm.Name))
		for _, c := range columns {
			reasons.Add(row, c)
			fmt.Fprintf(b, " %s |", escape(markdownCell(row, c)))
		}
		b.WriteString("\n")
	}
}

func markdownCell(r view.Row, m metric.Metric) string {
	if r.Cell.Rounds == 0 {
		return "no data"
	}
	e := r.Entries[m.Name]
	if m.OneSample || r.Arm.Role == v1alpha1.RoleBaseline || e.Lead == "" {
		if e.Rounds != "" {
			return e.Absolute + " [" + e.Rounds + "]"
		}
		return e.Absolute
	}
	text := e.Lead
	if e.Interval != "" {
		text += " [" + e.Interval + "]"
	}
	if e.Difference != "" && !e.DifferenceLeads {
		text += ", " + e.Difference
	}
	if e.Between != "" {
		text += " [" + e.Between + "]"
	}
	return text + " (" + e.Absolute + ")"
}

func markdownSearches(b *strings.Builder, r v1alpha1.Report) {
	for _, t := range view.SearchTables(r) {
		fmt.Fprintf(b, "\n### %s\n\n%s\n\n| arm |", escape(t.Title), escape(t.Setting))
		rule := "| --- |"
		for _, title := range view.SearchColumns() {
			fmt.Fprintf(b, " %s |", title)
			rule += " ---: |"
		}
		b.WriteString("\n" + rule + "\n")
		for _, row := range t.Rows {
			fmt.Fprintf(b, "| %s |", escape(row.Arm))
			for _, text := range row.Cells() {
				fmt.Fprintf(b, " %s |", escape(text))
			}
			b.WriteString("\n")
		}
	}
	if len(r.Searches) > 0 {
		fmt.Fprintf(b, "\n%s\n", escape(view.SearchLegendOf(r)))
	}
}

// escape keeps names from becoming markup, links included. A bar is written by
// its number, because a backslash before it means one thing in a table and
// another elsewhere.
func escape(text string) string {
	return strings.NewReplacer("\\", "\\\\", "|", "&#124;", "&", "&amp;", "<", "&lt;", "`", "\\`", "*", "\\*", "~", "\\~",
		"[", "\\[", "]", "\\]").Replace(term.Clean(text))
}
