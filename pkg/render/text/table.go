// Package text writes reports and comparisons for people to read: tables for
// a terminal, and Markdown.
package text

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/view"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// Table writes what a terminal shows.
func Table(out io.Writer, r v1alpha1.Report, style term.Style) error {
	return tableWriter{style: style}.write(out, r)
}

// Wide writes what Table writes, and who spent what, why, and by what evidence.
func Wide(out io.Writer, r v1alpha1.Report, style term.Style) error {
	return tableWriter{style: style, wide: true}.write(out, r)
}

// tableWriter lays out text. Nothing is written before all of it is made, so a
// reader never sees half a table.
type tableWriter struct {
	style term.Style
	wide  bool
	text  strings.Builder
	// refused is set when a percentile has too few samples, inconclusive when a
	// comparison that is shown has too few rounds, and costs when there is a
	// column of CPU time.
	refused, inconclusive, costs bool
	// ranges is set when an arm stands alone, and loops when one ran in a closed
	// loop beside another.
	ranges, loops bool
	// single is set when a ratio is that of one round.
	single bool
	// reasons are why figures of a table were not measured.
	reasons view.Reasons
}

func (w tableWriter) write(out io.Writer, r v1alpha1.Report) error {
	w.header(r)
	for _, p := range view.Panels(r) {
		w.panel(p)
	}
	w.searches(r)
	w.slopes(r)
	w.effects(r)
	if w.wide {
		w.priceTables(r)
	}
	w.legend(r)
	w.verdicts(r)
	w.findings(r)
	_, err := io.WriteString(out, w.text.String())
	return err
}

func (w *tableWriter) line(format string, args ...any) {
	w.text.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n")
}

func (w *tableWriter) header(r v1alpha1.Report) {
	const indent = 10
	all := view.Facts(r)
	if w.wide {
		all = append(all, view.MeshFacts(r)...)
	}
	for _, f := range all {
		name := w.style.Dim(pad(f.Name, indent))
		if f.Name == "stopped" {
			name = w.style.Yellow(pad(f.Name, indent))
		}
		for i, part := range term.Wrap(f.Text, w.style.Width()-indent) {
			if i > 0 {
				name = pad("", indent)
			}
			w.line("%s%s", name, part)
		}
	}
}

// panel prints per arm what leads, its interval, and what it is relative to.
func (w *tableWriter) panel(p view.Panel) {
	w.line("")
	title := p.Experiment.Metadata.Name
	if p.Level.ID != "default" {
		title += "  " + p.Level.ID
	}
	w.line("%s", w.style.Bold(term.Clean(title)))
	w.setting(view.Setting(p))
	w.loops = w.loops || p.Level.Rate.ClosedLoop() && len(p.Rows) > 1
	w.block(view.Shown(metric.Table(w.wide), p), p)
	w.missing(p)
	if w.wide {
		for _, b := range view.CostBlocks(p) {
			w.line("")
			w.line("%s", w.style.Dim(b.Title))
			w.block(b.Columns, p)
		}
		w.work(p)
		w.bottlenecks(p)
	}
}

// block prints one table of a panel.
func (w *tableWriter) block(columns []metric.Metric, p view.Panel) {
	if all := w.records(columns, p); len(all) > 0 {
		w.grid(w.panelGrid(all, p))
	}
	w.costs = w.costs ||
		slices.ContainsFunc(columns, func(m metric.Metric) bool { return m.Name == metric.Total().Name })
}

// missing names the arms that have no figures, and a baseline that is void.
func (w *tableWriter) missing(p view.Panel) {
	for _, r := range p.Rows {
		name := term.Clean(r.Arm.Name)
		switch {
		case !hasData(r):
			w.line("%s", w.style.Yellow(name+": no data"))
		case r.Arm.Role == v1alpha1.RoleBaseline && r.Cell.Void:
			w.line("%s", w.style.Red(name+": void"))
		}
	}
}

// work prints what was done for the figures of each arm.
func (w *tableWriter) work(p view.Panel) {
	var titles []cell
	for _, title := range []string{"ARM", "REQUESTS", "ROUNDS", "BOTTLENECK"} {
		titles = append(titles, cell{title, w.style.Bold})
	}
	g := grid{lines: [][]cell{titles}, left: []bool{true, false, false, true}}
	for _, r := range p.Rows {
		if !hasData(r) {
			continue
		}
		bottleneck := "n/a"
		if b := r.Cell.Bottleneck; b != nil {
			bottleneck = string(b.At)
		}
		g.lines = append(g.lines, []cell{{text: term.Clean(r.Arm.Name)}, {text: words.Thousands(r.Cell.Requests)},
			{text: fmt.Sprint(r.Cell.Rounds)}, {text: bottleneck}})
	}
	if len(g.lines) > 1 {
		w.line("")
		w.line("%s", w.style.Dim("what was done"))
		w.grid(g)
	}
}

// bottlenecks says why each arm's is called what the table calls it.
func (w *tableWriter) bottlenecks(p view.Panel) {
	said := false
	for _, r := range p.Rows {
		if r.Cell.Bottleneck == nil {
			continue
		}
		if !said {
			w.line("")
			said = true
		}
		text := fmt.Sprintf("bottleneck of %s: %s: %s", r.Arm.Name, r.Cell.Bottleneck.At, r.Cell.Bottleneck.Evidence)
		for _, part := range term.Wrap(term.Clean(text), w.style.Width()) {
			w.line("%s", w.style.Dim(part))
		}
	}
}

func (w *tableWriter) setting(text string) {
	for _, part := range term.Wrap(term.Clean(text), w.style.Width()) {
		w.line("%s", w.style.Dim(part))
	}
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-term.Len(text)))
}
