package text

import (
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/view"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// column is one column of a panel; a record takes as many lines as its longest
// cell has.
type column struct {
	title string
	left  bool
	cells func(record) []cell
}

// panelGrid lays a panel out as wide as the terminal allows: first all of a record
// in one line, then intervals below, the baseline as a line of its own, and at last
// differences below the ratios.
func (w *tableWriter) panelGrid(all []record, p view.Panel) grid {
	title, several := w.valueTitle(p)
	name := column{"METRIC", true, func(r record) []cell {
		if !r.first {
			return nil
		}
		return []cell{{r.metric, w.style.Bold}}
	}}
	arm := column{"ARM", true, func(r record) []cell { return []cell{{text: r.arm}} }}
	value := column{title, false, func(r record) []cell { return []cell{{text: r.value}} }}
	base := column{"", false, func(r record) []cell {
		if !r.first {
			return nil
		}
		return []cell{{text: r.baseline}}
	}}
	rounds := column{"ROUNDS", false, func(r record) []cell { return []cell{{r.rounds, w.style.Dim}} }}
	baseline, others := split(p)
	if len(others) == 0 {
		return w.fitting(lay(w, all, name, value, rounds))
	}
	before := []column{name}
	if baseline != nil {
		base.title = term.Clean(baseline.Arm.Name)
		before = append(before, base)
	}
	stacked := []column{name, arm, value}
	if several {
		before = append(before, arm)
	}
	before = append(before, value)
	if baseline != nil {
		stacked[2].title = "VALUE"
	}
	pValue := column{"P", true, func(r record) []cell { return []cell{{r.p, w.style.Dim}} }}
	oneLine := slices.Concat(before, []column{w.ratio(beside), w.difference(beside)})
	twoLines := slices.Concat(before, []column{w.ratio(below), w.difference(below)})
	apart := asRows(all, baseline)
	var candidates []grid
	if w.wide || w.style.Width() > term.DefaultColumns {
		candidates = append(candidates, lay(w, all, slices.Concat(oneLine, []column{pValue})...))
	}
	if w.wide {
		candidates = append(candidates, lay(w, all, slices.Concat(twoLines, []column{pValue})...))
	}
	return w.fitting(append(candidates,
		lay(w, all, oneLine...), lay(w, all, twoLines...),
		lay(w, apart, slices.Concat(stacked, []column{w.ratio(below), w.difference(below)})...),
		lay(w, apart, slices.Concat(stacked, []column{w.together()})...))...)
}

// valueTitle heads the column of the arms' own values: by the arm's name where
// there is but one.
func (w *tableWriter) valueTitle(p view.Panel) (title string, several bool) {
	baseline, others := split(p)
	switch {
	case len(others) == 1:
		return term.Clean(others[0].Arm.Name), false
	case len(others) == 0 && baseline != nil:
		return term.Clean(baseline.Arm.Name), false
	}
	return "VALUE", true
}

// asRows puts the baseline before the arms of each metric.
func asRows(all []record, baseline *view.Row) []record {
	if baseline == nil {
		return all
	}
	var out []record
	for _, r := range all {
		if r.first {
			out = append(out, record{metric: r.metric, first: true, arm: term.Clean(baseline.Arm.Name), value: r.baseline})
			r.first = false
		}
		out = append(out, r)
	}
	return out
}

// How an interval stands to its figure.
type place bool

const (
	beside place = false
	below  place = true
)

func (w *tableWriter) ratio(at place) column {
	return column{"RATIO", true, func(r record) []cell {
		return w.withInterval(cell{r.ratio, r.paint}, r.interval, at)
	}}
}

func (w *tableWriter) difference(at place) column {
	return column{"DIFFERENCE", true, func(r record) []cell {
		lead := cell{text: r.difference}
		if r.ratio == "" {
			lead.paint = r.paint
		}
		return w.withInterval(lead, r.between, at)
	}}
}

// together is for the narrowest terminals.
func (w *tableWriter) together() column {
	return column{"RATIO", false, func(r record) []cell {
		cells := append(w.withInterval(cell{r.ratio, r.paint}, r.interval, below),
			w.withInterval(cell{text: r.difference}, r.between, below)...)
		return slices.DeleteFunc(cells, func(c cell) bool { return c.text == "" })
	}}
}

func (w *tableWriter) withInterval(lead cell, interval string, at place) []cell {
	switch {
	case interval == "":
		return []cell{lead}
	case at == below:
		return []cell{lead, {interval, w.style.Dim}}
	case lead.paint == nil:
		return []cell{{text: lead.text + " (" + interval + ")"}}
	}
	return []cell{{lead.text + " (" + interval + ")", func(text string) string {
		return lead.paint(text[:len(lead.text)]) + w.style.Dim(text[len(lead.text):])
	}}}
}

// lay makes a grid of records; columns without a text are left out.
func lay(w *tableWriter, all []record, columns ...column) grid {
	columns = slices.DeleteFunc(slices.Clone(columns), func(c column) bool {
		return !slices.ContainsFunc(all, func(r record) bool {
			return slices.ContainsFunc(c.cells(r), func(one cell) bool { return one.text != "" })
		})
	})
	var g grid
	var titles []cell
	for _, c := range columns {
		titles = append(titles, cell{c.title, w.style.Bold})
		g.left = append(g.left, c.left)
	}
	g.lines = append(g.lines, titles)
	for _, r := range all {
		var lines [][]cell
		for i, c := range columns {
			for j, one := range c.cells(r) {
				if j == len(lines) {
					lines = append(lines, make([]cell, len(columns)))
				}
				lines[j][i] = one
			}
		}
		g.lines = append(g.lines, lines...)
	}
	return g
}
