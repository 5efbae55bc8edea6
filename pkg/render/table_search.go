package render

import (
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// searches prints what each search found: per arm the bracket, and its ratio to
// the baseline's with the bounds below it.
func (w *tableWriter) searches(r v1alpha1.Report) {
	for _, t := range searchTables(r) {
		w.line("")
		w.line("%s", w.style.Bold(term.Clean(t.title)))
		w.setting(t.setting)
		titles := []cell{{text: "ARM", paint: w.style.Bold}}
		for _, title := range searchColumns() {
			titles = append(titles, cell{text: title, paint: w.style.Bold})
		}
		grid := [][]cell{titles}
		for _, row := range t.rows {
			lead := entry{evidence: row.evidence}
			grid = append(grid, []cell{
				{text: term.Clean(row.arm), paint: w.style.Bold}, {text: row.holds}, {text: row.fails},
				{text: row.ratio, paint: w.paintOf(lead, metric.Throughput())}, {text: row.trials, paint: w.style.Dim},
			})
			if row.bounds != "" {
				grid = append(grid, []cell{{}, {}, {}, {text: row.bounds, paint: w.style.Dim}})
			}
		}
		w.grid(grid)
	}
}
