package page

import (
	"fmt"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/chart"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
)

// boxFigure shows the quartiles of each arm's latencies over all rounds, as a box,
// and the 5th to the 99th percentile, as a whisker.
func boxFigure(d levelData) figure {
	f := figure{Title: "Quartiles of latency",
		Note: "Boxes reach from the first to the third quartile, dots are medians, whiskers reach from the 5th to the 99th " +
			"percentile: of all requests of all rounds."}
	f.Table.Head = []string{"arm", "p5", "p25", "p50", "p75", "p99"}
	var values []float64
	boxes := make([][]float64, len(d.arms))
	for i, a := range d.arms {
		for _, q := range []float64{0.05, 0.25, 0.5, 0.75, 0.99} {
			v := quantile(a.merged, q)
			if v == nil {
				boxes[i] = nil
				break
			}
			boxes[i] = append(boxes[i], *v)
		}
		values = append(values, boxes[i]...)
	}
	scale, ok := chart.Fit(chart.Log, values...)
	if !ok {
		return f
	}
	x := chart.Axis{Scale: chart.Scale{Low: 0.4, High: float64(len(d.arms)) + 0.6}}
	for i, a := range d.arms {
		x.Ticks = append(x.Ticks, chart.Named{Value: float64(i + 1), Text: a.name})
	}
	p := chart.New(f.Title, chart.Height, x,
		chart.Axis{Scale: scale, Label: "latency, log scale", Format: tickText(v1alpha1.UnitSeconds)})
	for i, a := range d.arms {
		b, at := boxes[i], float64(i+1)
		if b == nil {
			continue
		}
		text := fmt.Sprintf("%s: %s, %s, %s", a.name, quantity.Seconds(b[1]), quantity.Seconds(b[2]), quantity.Seconds(b[3]))
		p.Whisker(a.style, chart.XY{X: at, Y: b[0]}, chart.XY{X: at, Y: b[1]}, "")
		p.Whisker(a.style, chart.XY{X: at, Y: b[3]}, chart.XY{X: at, Y: b[4]}, "")
		p.Band(a.style, text, []chart.XY{{X: at - 0.25, Y: b[1]}, {X: at + 0.25, Y: b[1]}},
			[]chart.XY{{X: at - 0.25, Y: b[3]}, {X: at + 0.25, Y: b[3]}})
		p.Line(a.style, chart.XY{X: at - 0.25, Y: b[1]}, chart.XY{X: at + 0.25, Y: b[1]}, chart.XY{X: at + 0.25, Y: b[3]},
			chart.XY{X: at - 0.25, Y: b[3]}, chart.XY{X: at - 0.25, Y: b[1]})
		p.Dot(a.style, chart.XY{X: at, Y: b[2]}, text)
		row := []string{a.name}
		for _, v := range b {
			row = append(row, quantity.Seconds(v))
		}
		f.Table.Rows = append(f.Table.Rows, row)
	}
	f.plot("", p)
	return f
}
