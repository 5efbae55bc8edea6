package survey

import (
	"fmt"
	"io"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/core/survey"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// writeText writes for a terminal: columns are wrapped to its width.
func writeText(out io.Writer, v View, style term.Style) error {
	w := &writer{style: style}
	for _, f := range v.Method {
		w.title(f.Number + "  " + f.Title)
		w.grid(append([][]string{f.Columns}, f.Rows...), 0)
	}
	for _, t := range v.Tables {
		w.title(t.Number + "  " + t.Title)
		lines, remarks, split := grid(t, v.Era)
		w.grid(lines, split)
		for n, text := range remarks {
			w.hang(fmt.Sprintf("[%d] ", n+1), text, style.Dim)
		}
		if t.Note != "" {
			w.hang("", t.Note, plain)
		}
	}
	w.findings(v)
	for i, a := range v.Architectures {
		if i == 0 {
			w.title("Architectures: the way of a request, m for what belongs to the mesh")
		} else {
			w.b.WriteString("\n")
		}
		w.hang("", caption(a), style.Bold)
		for _, line := range drawn(a, style.Width()) {
			fmt.Fprintln(&w.b, line)
		}
		w.hang("", a.Note, plain)
	}
	for _, o := range v.Systems {
		w.one(o, v.Era)
	}
	if v.Era == survey.Today && len(v.Tables) > 0 {
		w.b.WriteString("\n")
		w.hang("", legend, plain)
	}
	_, err := io.WriteString(out, w.b.String())
	return err
}

// writer collects text for a terminal.
type writer struct {
	b     strings.Builder
	style term.Style
}

func plain(text string) string { return text }

func (w *writer) title(text string) {
	if w.b.Len() > 0 {
		w.b.WriteString("\n")
	}
	w.hang("", text, w.style.Bold)
}

// hang wraps a text, with a label before it and blanks below the label.
func (w *writer) hang(label, text string, paint func(string) string) {
	for _, part := range term.Wrap(text, w.style.Width()-term.Len(label)) {
		fmt.Fprintln(&w.b, paint(label+part))
		label = strings.Repeat(" ", term.Len(label))
	}
}

func (w *writer) findings(v View) {
	if len(v.Findings) == 0 {
		return
	}
	w.title("Findings of the thesis, counted again")
	for _, f := range v.Findings {
		w.hang(f.ID+"  ", f.Title, w.style.Bold)
		w.hang("    2022: ", f.In2022, plain)
		if v.Era == survey.Today {
			w.hang("    now:  ", string(f.Holds)+". "+f.Now, plain)
		}
	}
}

// grid lays lines out. Columns are narrowed to the terminal's width as far as
// their words allow; those that do not fit beside the first stand in a grid of
// their own below.
func (w *writer) grid(lines [][]string, split int) {
	for columns := len(lines[0]); ; columns-- {
		first := columnsOf(lines, 0, columns)
		widths, gap, fits := fit(first, w.style.Width())
		if !fits && columns > 2 {
			continue
		}
		w.lay(first, split, widths, gap)
		if columns < len(lines[0]) {
			fmt.Fprintln(&w.b)
			w.grid(columnsOf(lines, columns, len(lines[0])), split)
		}
		return
	}
}

// columnsOf is the first column of lines, and those from start to end.
func columnsOf(lines [][]string, start, end int) [][]string {
	var part [][]string
	for _, line := range lines {
		part = append(part, append([]string{line[0]}, line[max(1, start):end]...))
	}
	return part
}

func (w *writer) lay(lines [][]string, split int, widths []int, gap int) {
	for row, line := range lines {
		if split > 0 && row == split {
			total := gap * (len(widths) - 1)
			for _, width := range widths {
				total += width
			}
			const label = "not in 2022 "
			fmt.Fprintln(&w.b,
				w.style.Dim(label+strings.Repeat("-", max(0, min(total, w.style.Width())-len(label)))))
		}
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
				text.WriteString(part + strings.Repeat(" ", max(0, widths[i]-term.Len(part))+gap))
			}
			printed := strings.TrimRight(text.String(), " ")
			if row == 0 {
				printed = w.style.Bold(printed)
			}
			fmt.Fprintln(&w.b, printed)
		}
	}
}

// fit finds widths of columns that fill at most a width, without breaking a
// word. The gap between columns is 2, or 1 if it must be.
func fit(lines [][]string, width int) (widths []int, gap int, fits bool) {
	widths, least := make([]int, len(lines[0])), make([]int, len(lines[0]))
	total := 0
	for i := range widths {
		for _, line := range lines {
			widths[i] = max(widths[i], term.Len(line[i]))
			for _, word := range strings.Fields(line[i]) {
				least[i] = max(least[i], term.Len(word))
			}
		}
		total += widths[i]
	}
	gaps := len(widths) - 1
	for gap = 2; gap >= 1; gap-- {
		for total+gap*gaps > width {
			widest := -1
			for i, w := range widths {
				if w > least[i] && (widest < 0 || w > widths[widest]) {
					widest = i
				}
			}
			if widest < 0 {
				break
			}
			widths[widest]--
			total--
		}
		if total+gap*gaps <= width {
			return widths, gap, true
		}
	}
	return widths, 1, false
}
