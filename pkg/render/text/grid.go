package text

import (
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// cell is a text and how to paint it.
type cell struct {
	text  string
	paint func(string) string
}

// grid is lines of cells; the first line has the columns' titles.
type grid struct {
	lines [][]cell
	// left are the columns that begin at their left edge; numbers do not.
	left []bool
	// heads stand on a line of their own before the line of that number.
	heads map[int]string
}

// widths are those of the columns, each as wide as its widest cell.
func (g grid) widths() []int {
	var widths []int
	for _, line := range g.lines {
		for i, c := range line {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], term.Len(c.text))
		}
	}
	return widths
}

// columnGap is what stands between two columns.
const columnGap = 2

// width is how many columns of a terminal the grid takes.
func (g grid) width() int {
	total := -columnGap
	for _, w := range g.widths() {
		total += columnGap + w
	}
	return total
}

// grid prints a grid.
func (w *tableWriter) grid(g grid) {
	widths := g.widths()
	for n, line := range g.lines {
		if head, ok := g.heads[n]; ok {
			w.line("%s", head)
		}
		var b strings.Builder
		for i, c := range line {
			if i > 0 {
				b.WriteString(strings.Repeat(" ", columnGap))
			}
			gap := strings.Repeat(" ", widths[i]-term.Len(c.text))
			text := c.text
			if c.paint != nil {
				text = c.paint(text)
			}
			if i == 0 || i < len(g.left) && g.left[i] {
				text, gap = gap, text
			}
			b.WriteString(gap + text)
		}
		w.line("%s", b.String())
	}
}

// fitting is the first grid that is no wider than the terminal, else the last:
// they come in the order in which a reader would want them.
func (w *tableWriter) fitting(all ...grid) grid {
	for _, g := range all {
		if g.width() <= w.style.Width() {
			return g
		}
	}
	return all[len(all)-1]
}
