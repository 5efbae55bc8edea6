package page

import (
	"fmt"
	"math"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/chart"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/view"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

// rowsHeight is that of a chart with so many rows; many rows stand closer.
func rowsHeight(rows int) float64 {
	if rows > 16 {
		return 70 + 13*float64(rows)
	}
	return 70 + 20*float64(rows)
}

// rowsAxis has a line for each name, from top to bottom, and the place of line i.
func rowsAxis(names []string) (axis chart.Axis, at func(float64) float64) {
	n := float64(len(names))
	at = func(i float64) float64 { return n - i }
	axis = chart.Axis{Scale: chart.Scale{Low: 0.4, High: n + 0.6}}
	for i, name := range names {
		axis.Ticks = append(axis.Ticks, chart.Named{Value: at(float64(i)), Text: name})
	}
	return axis, at
}

// ratioFigure shows each ratio to the baseline with its interval; on its
// logarithmic axis half and double are equally far from 1.
func ratioFigure(x report.Index, d levelData) figure {
	f := figure{Title: "Ratio to the baseline",
		Note: "Each line is the 95 % interval of arm / baseline, paired within rounds. " +
			"An interval across 1 is no evidence of a difference."}
	type line struct {
		arm  armData
		name string
		c    v1alpha1.Comparison
	}
	var lines []line
	var names []string
	values := []float64{0.9, 1.1}
	for _, m := range view.Shown(metric.Table(false), d.panel) {
		first := true
		for _, a := range d.arms {
			c, ok := x.Comparison(a.row.Cell.Address, m.Name)
			if !ok || m.OneSample || c.Ratio == nil || c.Ratio.Value <= 0 || c.Ratio.Low != nil && *c.Ratio.Low <= 0 {
				continue
			}
			name := ""
			if first {
				name, first = m.Label, false
			}
			names = append(names, name)
			lines = append(lines, line{a, m.Label, c})
			low, high := ends(*c.Ratio)
			values = append(values, low, high)
		}
	}
	if len(lines) == 0 {
		return f
	}
	scale, _ := chart.Fit(chart.Log, values...)
	y, at := rowsAxis(names)
	p := chart.New("Ratios to the baseline with 95 % intervals", rowsHeight(len(lines)),
		chart.Axis{Scale: scale, Label: "arm / baseline, log scale",
			Format: func(v float64) string { return "×" + number(v) }},
		y)
	p.Rule(1)
	f.Table.Head = []string{"metric", "arm", "ratio", "95 % interval", "p", "rounds"}
	shown := map[string]bool{}
	for i, l := range lines {
		row := at(float64(i))
		low, high := ends(*l.c.Ratio)
		interval := words.Count(l.c.Pairs, "round", "rounds") + ", no interval"
		if low < high {
			interval = quantity.Times(low) + " to " + quantity.Times(high)
		}
		text := fmt.Sprintf("%s %s: ×%s, 95 %% interval: %s", l.arm.name, l.name, quantity.Times(l.c.Ratio.Value), interval)
		p.Whisker(l.arm.style, chart.XY{X: low, Y: row}, chart.XY{X: high, Y: row}, text)
		p.Dot(l.arm.style, chart.XY{X: l.c.Ratio.Value, Y: row}, text)
		pValue := "–"
		if p := view.DecidingP(l.c); p != nil {
			pValue = view.PText(*p)
		}
		f.Table.Rows = append(f.Table.Rows,
			[]string{l.name, l.arm.name, "×" + quantity.Times(l.c.Ratio.Value), interval,
				pValue, fmt.Sprint(l.c.Pairs)})
		if !shown[l.arm.name] {
			shown[l.arm.name] = true
			f.Keys = append(f.Keys, legendKey{l.arm.style, l.arm.name})
		}
	}
	f.plot("", p)
	return f
}

// ends are those of the interval, or the point itself where there is none.
func ends(e v1alpha1.Estimate) (low, high float64) {
	if e.Low == nil || e.High == nil {
		return e.Value, e.Value
	}
	return *e.Low, *e.High
}

// absoluteFigure shows each latency itself, with every round beside it.
func absoluteFigure(d levelData) figure {
	f := figure{Title: "Latency of each arm",
		Note: "Large: over all rounds together. Small: single rounds; how far they lie apart is what this run knows " +
			"of chance."}
	type line struct {
		arm armData
		v   v1alpha1.MetricValue
	}
	var lines []line
	var names []string
	var values []float64
	for _, m := range metric.Table(true) {
		first := true
		for _, a := range d.arms {
			v, ok := report.Value(a.row.Cell, m.Name)
			if !ok || v.Unit != v1alpha1.UnitSeconds || v.Value == nil || *v.Value <= 0 {
				continue
			}
			name := ""
			if first {
				name, first = m.Label, false
			}
			names = append(names, name)
			lines = append(lines, line{a, v})
			values = append(values, *v.Value)
			for _, r := range v.PerRound {
				values = append(values, r.Value)
			}
		}
	}
	x, ok := chart.Fit(chart.Log, values...)
	if !ok {
		return f
	}
	y, at := rowsAxis(names)
	p := chart.New("Latency of each arm by statistic", rowsHeight(len(lines)),
		chart.Axis{Scale: x, Label: "latency, log scale", Format: tickText(v1alpha1.UnitSeconds)}, y)
	f.Table.Head = []string{"statistic", "arm", "all rounds", "lowest round", "highest round", "samples above"}
	for i, l := range lines {
		row := at(float64(i))
		low, high := math.Inf(1), math.Inf(-1)
		for _, r := range l.v.PerRound {
			low, high = min(low, r.Value), max(high, r.Value)
			p.SmallDot(l.arm.style, chart.XY{X: r.Value, Y: row},
				fmt.Sprintf("%s %s round %d: %s", l.arm.name, l.v.Metric, r.Round, quantity.Seconds(r.Value)))
		}
		cells := []string{string(l.v.Metric), l.arm.name, quantity.Seconds(*l.v.Value), "–", "–", "–"}
		if low <= high {
			p.Whisker(l.arm.style, chart.XY{X: low, Y: row}, chart.XY{X: high, Y: row}, "")
			cells[3], cells[4] = quantity.Seconds(low), quantity.Seconds(high)
		}
		if l.v.SamplesAbove != nil {
			cells[5] = words.Thousands(*l.v.SamplesAbove)
		}
		p.Dot(l.arm.style, chart.XY{X: *l.v.Value, Y: row},
			fmt.Sprintf("%s %s: %s", l.arm.name, l.v.Metric, quantity.Seconds(*l.v.Value)))
		f.Table.Rows = append(f.Table.Rows, cells)
	}
	f.Keys = keys(d.arms)
	f.plot("", p)
	return f
}
