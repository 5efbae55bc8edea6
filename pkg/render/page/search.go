package page

import (
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/view"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// searchPanel is the table of one search.
func searchPanel(t view.SearchTable, number int) htmlPanel {
	out := htmlPanel{ID: fmt.Sprintf("level-%d", number), Title: "Results", Setting: term.Clean(t.Setting), Open: true,
		Columns: view.SearchColumns()}
	for _, row := range t.Rows {
		ratio := htmlCell{Absolute: row.Ratio}
		if row.Ratio != "" {
			ratio = htmlCell{Lead: strings.Replace(row.Ratio, "x", "×", 1),
				Class: direction(metric.Throughput(), row.Conclusion), Interval: row.Bounds}
		}
		out.Rows = append(out.Rows,
			htmlRow{Arm: term.Clean(row.Arm),
				Cells: []htmlCell{{Lead: row.Limit, Interval: row.Ends}, {Absolute: row.Holds}, {Absolute: row.Fails}, ratio,
					{Absolute: row.Trials}}})
	}
	return out
}
