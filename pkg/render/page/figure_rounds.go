package page

import (
	"fmt"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/chart"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

// roundFigure shows throughput round by round, so that drift and odd rounds
// are seen.
func roundFigure(d levelData) figure {
	f := figure{Title: "Throughput round by round",
		Note: "A slope is drift: rounds are compared with each other only within a round."}
	lines := map[string][]v1alpha1.RoundValue{}
	var rounds []float64
	var values []float64
	for _, a := range d.arms {
		v, _ := report.Value(a.row.Cell, v1alpha1.MetricThroughput)
		for _, r := range v.PerRound {
			lines[a.name] = append(lines[a.name], r)
			rounds, values = append(rounds, float64(r.Round)), append(values, r.Value)
		}
	}
	y, ok := chart.FromZero(values...)
	if !ok {
		return f
	}
	x := chart.Scale{Low: slices.Min(rounds) - 0.5, High: slices.Max(rounds) + 0.5}
	whole := func(v float64) string {
		if v != float64(int64(v)) {
			return ""
		}
		return number(v)
	}
	p := chart.New("Requests per second in each round", chart.Height, chart.Axis{Scale: x, Label: "round", Format: whole},
		chart.Axis{Scale: y, Label: "requests per second", Format: tickText(v1alpha1.UnitPerSecond)})
	f.Table.Head = []string{"round", "arm", "requests per second"}
	for _, a := range d.arms {
		var line []chart.XY
		for _, r := range lines[a.name] {
			at := chart.XY{X: float64(r.Round), Y: r.Value}
			line = append(line, at)
			text := fmt.Sprintf("%s round %d: %s/s", a.name, r.Round, quantity.Rate(r.Value))
			switch n := len(lines[a.name]); {
			case n <= 12:
				p.Dot(a.style, at, text)
			case n <= 60:
				p.SmallDot(a.style, at, text)
			}
			f.Table.Rows = append(f.Table.Rows, []string{fmt.Sprint(r.Round), a.name, quantity.Significant(r.Value)})
		}
		p.Line(a.style, line...)
	}
	f.Keys = keys(d.arms)
	f.plot("", p)
	return f
}
