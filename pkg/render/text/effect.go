package text

import (
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/effect"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/view"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// effects prints what factors with several values do, one line an arm.
func (w *tableWriter) effects(r v1alpha1.Report) {
	all := effect.Of(r)
	tables := view.EffectTables(all, w.wide)
	for _, t := range tables {
		w.line("")
		w.line("%s", w.style.Bold(t.Title))
		if t.Note != "" {
			w.setting(t.Note)
		}
		if len(t.Rows) == 0 {
			continue
		}
		w.effectBlocks(t)
	}
	if len(tables) > 0 {
		w.line("")
		for _, part := range term.Wrap(view.EffectLegend(all), w.style.Width()) {
			w.line("%s", w.style.Dim(part))
		}
	}
}

// columnsAcross is how many metrics stand beside each other: each with its
// interval, so that an arm takes one line.
const columnsAcross = 4

func (w *tableWriter) effectBlocks(t view.EffectTable) {
	for from := 0; from < len(t.Columns); from += columnsAcross {
		w.effectGrid(t, t.Columns[from:min(from+columnsAcross, len(t.Columns))])
	}
}

func (w *tableWriter) effectGrid(t view.EffectTable, columns []metric.Metric) {
	titles := []cell{{text: t.Factor, paint: w.style.Bold}}
	if t.Others {
		titles = append(titles, cell{text: "AT", paint: w.style.Bold})
	}
	titles = append(titles, cell{text: "ARM", paint: w.style.Bold})
	for _, c := range columns {
		titles = append(titles, cell{text: c.Column, paint: w.style.Bold}, cell{})
	}
	grid := [][]cell{titles}
	for _, r := range t.Rows {
		line := []cell{{text: r.Value}}
		if t.Others {
			line = append(line, cell{text: r.Others, paint: w.style.Dim})
		}
		line = append(line, cell{text: r.Arm, paint: w.style.Bold})
		for _, c := range columns {
			e := r.Entries[c.Name]
			line = append(line, cell{text: e.Lead, paint: w.paintOf(e, c)}, cell{text: e.Interval, paint: w.style.Dim})
		}
		grid = append(grid, line)
	}
	w.leftGrid(grid, len(titles)-2*len(columns))
}

// leftGrid is grid with the first columns to the left, and intervals close to
// what they belong to.
func (w *tableWriter) leftGrid(lines [][]cell, names int) {
	var widths []int
	for _, line := range lines {
		for i, c := range line {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], term.Len(c.text))
		}
	}
	for _, line := range lines {
		var b strings.Builder
		for i, c := range line {
			gap, text := strings.Repeat(" ", widths[i]-term.Len(c.text)), c.text
			if c.paint != nil {
				text = c.paint(text)
			}
			switch {
			case i < names:
				fmt.Fprintf(&b, "%s%s  ", text, gap)
			case (i-names)%2 == 0:
				b.WriteString(gap + text + " ")
			default:
				b.WriteString(text + gap + "  ")
			}
		}
		w.line("%s", b.String())
	}
}
