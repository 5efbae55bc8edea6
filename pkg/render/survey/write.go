package survey

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

const legend = "Cells without a number were carried over from the thesis and not checked again. " +
	"verified: found in the source by a program; verified-doc: read in the source; unverified: not confirmed."

// WriteTable writes tables for a terminal: columns are wrapped to its width.
func WriteTable(out io.Writer, tables []Table, style term.Style) error {
	var b strings.Builder
	for i, t := range tables {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s\n", style.Bold(fmt.Sprintf("%s  %s", t.Number, t.Title)))
		grid, notes := texts(t)
		lines(&b, grid, style)
		for n, note := range notes {
			label := fmt.Sprintf("[%d] ", n+1)
			for j, part := range term.Wrap(note, style.Width()-len(label)) {
				if j > 0 {
					label = strings.Repeat(" ", len(label))
				}
				fmt.Fprintf(&b, "%s\n", style.Dim(label+part))
			}
		}
		for _, part := range term.Wrap(t.Note, style.Width()) {
			if part != "" {
				fmt.Fprintf(&b, "%s\n", part)
			}
		}
	}
	b.WriteString("\n")
	for _, part := range term.Wrap(legend, style.Width()) {
		fmt.Fprintf(&b, "%s\n", part)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// texts are a table's cells with the titles first, and its footnotes.
func texts(t Table) (grid [][]string, notes []string) {
	titles := []string{"MESH"}
	for _, c := range t.Columns {
		titles = append(titles, c.Title)
	}
	grid = append(grid, titles)
	for _, r := range t.Rows {
		line := []string{term.Clean(r.Title)}
		for _, c := range t.Columns {
			cell, ok := r.Cells[c.ID]
			text := term.Clean(cell.Value)
			if !ok {
				text = ""
			}
			if cell.Changed() {
				notes = append(notes, term.Clean(footnote(r, c, cell)))
				text += fmt.Sprintf(" [%d]", len(notes))
			}
			line = append(line, text)
		}
		grid = append(grid, line)
	}
	return grid, notes
}

// lines lays a grid out. The widest columns are narrowed until it fits, as far
// as their words allow.
func lines(b *strings.Builder, grid [][]string, style term.Style) {
	const gap = 2
	widths, least := make([]int, len(grid[0])), make([]int, len(grid[0]))
	total := gap * (len(widths) - 1)
	for i := range widths {
		for _, line := range grid {
			widths[i] = max(widths[i], term.Len(line[i]))
			for _, word := range strings.Fields(line[i]) {
				least[i] = max(least[i], term.Len(word))
			}
		}
		total += widths[i]
	}
	for total > style.Width() {
		widest := -1
		for i, w := range widths {
			if w > least[i] && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break // no word is broken
		}
		widths[widest]--
		total--
	}
	for row, line := range grid {
		parts := make([][]string, len(line))
		height := 1
		for i, text := range line {
			parts[i] = term.Wrap(text, widths[i])
			height = max(height, len(parts[i]))
		}
		for h := range height {
			var text strings.Builder
			for i := range line {
				part := ""
				if h < len(parts[i]) {
					part = parts[i][h]
				}
				text.WriteString(part)
				if i < len(line)-1 {
					text.WriteString(strings.Repeat(" ", max(0, widths[i]-term.Len(part))+gap))
				}
			}
			printed := strings.TrimRight(text.String(), " ")
			if row == 0 {
				printed = style.Bold(printed)
			}
			b.WriteString(printed + "\n")
		}
	}
}

// WriteMarkdown writes tables for a document.
func WriteMarkdown(out io.Writer, tables []Table) error {
	var b strings.Builder
	escape := strings.NewReplacer("|", "\\|", "<", "&lt;", "*", "\\*", "_", "\\_")
	for _, t := range tables {
		fmt.Fprintf(&b, "### Table %s: %s\n\n", t.Number, t.Title)
		grid, notes := texts(t)
		for i, line := range grid {
			b.WriteString("|")
			for _, text := range line {
				fmt.Fprintf(&b, " %s |", escape.Replace(text))
			}
			b.WriteString("\n")
			if i == 0 {
				b.WriteString("|" + strings.Repeat(" --- |", len(line)) + "\n")
			}
		}
		b.WriteString("\n")
		for n, note := range notes {
			fmt.Fprintf(&b, "%d. %s\n", n+1, escape.Replace(note))
		}
		if len(notes) > 0 {
			b.WriteString("\n")
		}
		if t.Note != "" {
			b.WriteString(escape.Replace(t.Note) + "\n\n")
		}
	}
	b.WriteString(legend + "\n")
	_, err := io.WriteString(out, b.String())
	return err
}

// WriteJSON writes tables for programs.
func WriteJSON(out io.Writer, tables []Table) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(map[string]any{"tables": tables})
}
