package text

import (
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/view"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// searches prints what each search found: per arm the limit with its interval below
// it, the bracket, and the ratio to the baseline's limit.
func (w *tableWriter) searches(r v1alpha1.Report) {
	for _, t := range view.SearchTables(r) {
		w.line("")
		w.line("%s", w.style.Bold(term.Clean(t.Title)))
		w.setting(t.Setting)
		titles := []cell{{text: "ARM", paint: w.style.Bold}}
		for _, title := range view.SearchColumns() {
			titles = append(titles, cell{text: title, paint: w.style.Bold})
		}
		lines := [][]cell{titles}
		for _, row := range t.Rows {
			lead := view.Entry{Conclusion: row.Conclusion}
			lines = append(lines, []cell{
				{text: term.Clean(row.Arm), paint: w.style.Bold}, {text: row.Limit}, {text: row.Holds}, {text: row.Fails},
				{text: row.Ratio, paint: w.paintOf(lead, metric.Throughput())}, {text: row.Trials, paint: w.style.Dim},
			})
			if row.Bounds != "" || row.Ends != "" {
				lines = append(lines,
					[]cell{{}, {text: row.Ends, paint: w.style.Dim}, {}, {}, {text: row.Bounds, paint: w.style.Dim}})
			}
		}
		w.grid(grid{lines: lines})
	}
}
