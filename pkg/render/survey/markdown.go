package survey

import (
	"fmt"
	"io"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/core/survey"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// writeMarkdown writes for a document.
func writeMarkdown(out io.Writer, v View, _ term.Style) error {
	var b strings.Builder
	for _, f := range v.Method {
		fmt.Fprintf(&b, "### Table %s: %s\n\n", f.Number, f.Title)
		markdownGrid(&b, append([][]string{f.Columns}, f.Rows...))
	}
	for _, t := range v.Tables {
		fmt.Fprintf(&b, "### Table %s: %s\n\n", t.Number, t.Title)
		lines, remarks, _ := grid(t, v.Era)
		markdownGrid(&b, lines)
		for n, text := range remarks {
			fmt.Fprintf(&b, "%d. %s\n", n+1, escape(text))
		}
		if len(remarks) > 0 {
			b.WriteString("\n")
		}
		if t.Note != "" {
			b.WriteString(escape(t.Note) + "\n\n")
		}
	}
	if len(v.Findings) > 0 {
		b.WriteString("### Findings of the thesis, counted again\n\n")
		lines := [][]string{{"ID", "Finding", "2022", "Now", "Holds"}}
		for _, f := range v.Findings {
			lines = append(lines, []string{f.ID, f.Title, f.In2022, f.Now, string(f.Holds)})
		}
		if v.Era == survey.In2022 {
			for i := range lines {
				lines[i] = lines[i][:3]
			}
		}
		markdownGrid(&b, lines)
	}
	for i, a := range v.Architectures {
		if i == 0 {
			b.WriteString("### Architectures\n\n")
		}
		fmt.Fprintf(&b, "%s\n\n```text\n%s\n```\n\n%s\n\n", escape(caption(a)), strings.Join(drawn(a, 100), "\n"),
			escape(a.Note))
	}
	for _, o := range v.Systems {
		fmt.Fprintf(&b, "### %s\n\n", escape(o.System.Title))
		for _, f := range facts(o) {
			fmt.Fprintf(&b, "- %s: %s\n", f.Name, escape(f.Text))
		}
		b.WriteString("\n")
		for _, t := range o.Tables {
			lines := [][]string{{"Table " + t.Number, "", "Source"}}
			for i, c := range t.Rows[0].Cells {
				if c.Change != survey.Absent {
					parts := told(c, v.Era)
					lines = append(lines, []string{t.Columns[i].Title, parts[0], strings.Join(parts[1:], "; ")})
				}
			}
			markdownGrid(&b, lines)
		}
	}
	if v.Era == survey.Today && len(v.Tables) > 0 {
		b.WriteString(escape(legend) + "\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func escape(text string) string {
	return strings.NewReplacer("|", "\\|", "<", "&lt;", "*", "\\*", "_", "\\_", "`", "\\`", "[", "\\[").Replace(text)
}

func markdownGrid(b *strings.Builder, lines [][]string) {
	for i, line := range lines {
		b.WriteString("|")
		for _, text := range line {
			fmt.Fprintf(b, " %s |", escape(text))
		}
		b.WriteString("\n")
		if i == 0 {
			b.WriteString("|" + strings.Repeat(" --- |", len(line)) + "\n")
		}
	}
	b.WriteString("\n")
}
