package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

func writeMarkdown(out io.Writer, r v1alpha1.Report, _ term.Style) error {
	var b strings.Builder
	for _, f := range facts(r) {
		fmt.Fprintf(&b, "- **%s** %s\n", f.Name, escape(f.Text))
	}
	for _, p := range panels(r) {
		fmt.Fprintf(&b, "\n### %s", escape(p.experiment.Metadata.Name))
		if p.level.ID != "default" {
			fmt.Fprintf(&b, " %s", escape(p.level.ID))
		}
		fmt.Fprintf(&b, "\n\n%s\n", escape(setting(p)))
		markdownTable(&b, shown(metric.Table(false), p), p)
		for _, c := range costBlocks(p) {
			fmt.Fprintf(&b, "\n%s\n", escape(c.title))
			markdownTable(&b, c.columns, p)
		}
	}
	markdownSearches(&b, r)
	b.WriteString("\n")
	for _, n := range notes(r) {
		scope := n.Scope
		if scope != "" {
			scope += ": "
		}
		fmt.Fprintf(&b, "- **%s** %s%s\n", escape(n.Label), escape(scope), escape(n.Text))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func markdownTable(b *strings.Builder, columns []metric.Metric, p panel) {
	b.WriteString("\n| arm |")
	rule := "| --- |"
	for _, c := range columns {
		fmt.Fprintf(b, " %s |", c.Column)
		rule += " ---: |"
	}
	b.WriteString("\n" + rule + "\n")
	for _, row := range p.rows {
		fmt.Fprintf(b, "| %s |", escape(row.arm.Name))
		for _, c := range columns {
			fmt.Fprintf(b, " %s |", escape(markdownCell(row, c)))
		}
		b.WriteString("\n")
	}
}

func markdownCell(r row, m metric.Metric) string {
	if r.cell.Rounds == 0 {
		return "no data"
	}
	e := r.entries[m.Name]
	if m.OneSample || r.arm.Role == v1alpha1.RoleBaseline || e.verdict == "" {
		if e.rounds != "" {
			return e.absolute + " [" + e.rounds + "]"
		}
		return e.absolute
	}
	text := e.verdict
	if e.interval != "" {
		text += " [" + e.interval + "]"
	}
	return text + " (" + e.absolute + ")"
}

func markdownSearches(b *strings.Builder, r v1alpha1.Report) {
	for _, t := range searchTables(r) {
		fmt.Fprintf(b, "\n### %s\n\n%s\n\n| arm |", escape(t.title), escape(t.setting))
		rule := "| --- |"
		for _, title := range searchColumns() {
			fmt.Fprintf(b, " %s |", title)
			rule += " ---: |"
		}
		b.WriteString("\n" + rule + "\n")
		for _, row := range t.rows {
			fmt.Fprintf(b, "| %s |", escape(row.arm))
			for _, text := range row.cells() {
				fmt.Fprintf(b, " %s |", escape(text))
			}
			b.WriteString("\n")
		}
	}
	if len(r.Searches) > 0 {
		fmt.Fprintf(b, "\n%s\n", escape(searchLegend))
	}
}

// escape keeps names from becoming markup, links included. A bar is written by
// its number, because a backslash before it means one thing in a table and
// another elsewhere.
func escape(text string) string {
	return strings.NewReplacer("\\", "\\\\", "|", "&#124;", "&", "&amp;", "<", "&lt;", "`", "\\`", "*", "\\*", "~", "\\~",
		"[", "\\[", "]", "\\]").Replace(term.Clean(text))
}
