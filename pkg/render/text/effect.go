package text

import (
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/effect"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/slope"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/view"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// slopes prints what each further step of a factor adds.
func (w *tableWriter) slopes(r v1alpha1.Report) {
	w.effectTables(view.SlopeTables(slope.Of(r)), view.SlopeLegend)
}

// effects prints what factors with several values do, one line an arm.
func (w *tableWriter) effects(r v1alpha1.Report) {
	all := effect.Of(r)
	w.effectTables(view.EffectTables(all, w.wide), view.EffectLegend(all))
}

func (w *tableWriter) effectTables(tables []view.EffectTable, legend string) {
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
		for _, part := range term.Wrap(legend, w.style.Width()) {
			w.line("%s", w.style.Dim(part))
		}
	}
}

// effectBlocks prints as many metrics beside each other as the terminal has room
// for, so that an arm takes one line; what is left follows below.
func (w *tableWriter) effectBlocks(t view.EffectTable) {
	for columns := t.Columns; len(columns) > 0; {
		n := len(columns)
		for n > 1 && w.effectGrid(t, columns[:n], beside).width() > w.style.Width() {
			n--
		}
		w.grid(w.fitting(w.effectGrid(t, columns[:n], beside), w.effectGrid(t, columns[:n], below)))
		columns = columns[n:]
	}
}

func (w *tableWriter) effectGrid(t view.EffectTable, columns []metric.Metric, at place) grid {
	var titles []cell
	if t.Factor != "" {
		titles = append(titles, cell{text: t.Factor, paint: w.style.Bold})
	}
	if t.Others {
		titles = append(titles, cell{text: "AT", paint: w.style.Bold})
	}
	titles = append(titles, cell{text: "ARM", paint: w.style.Bold})
	names := len(titles)
	for _, c := range columns {
		titles = append(titles, cell{text: c.Column, paint: w.style.Bold})
	}
	g := grid{lines: [][]cell{titles}, left: slices.Repeat([]bool{true}, len(titles))}
	for _, r := range t.Rows {
		var line []cell
		if t.Factor != "" {
			line = append(line, cell{text: r.Value})
		}
		more := make([]cell, len(titles))
		if t.Others {
			line = append(line, cell{text: r.Others, paint: w.style.Dim})
		}
		line = append(line, cell{text: r.Arm})
		for i, c := range columns {
			e := r.Entries[c.Name]
			cells := w.withInterval(cell{text: e.Lead, paint: w.paintOf(e, c)}, e.Interval, at)
			line = append(line, cells[0])
			if len(cells) > 1 {
				more[names+i] = cells[1]
			}
		}
		g.lines = append(g.lines, line)
		if slices.ContainsFunc(more, func(c cell) bool { return c.text != "" }) {
			g.lines = append(g.lines, more)
		}
	}
	return g
}
