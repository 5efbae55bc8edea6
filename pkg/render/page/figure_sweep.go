package page

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/chart"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/factor"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/view"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// sweptFactor is a factor with a place on an axis for each of its values: its own,
// or, of those that are no numbers, one beside the other.
type sweptFactor struct {
	factor.Factor
	axis  factor.Axis
	names []string
}

func (f sweptFactor) text(v float64) string {
	switch {
	case f.names != nil:
		return f.names[int(v)]
	case f.axis.Unit == "":
		return number(v)
	}
	return tickText(f.axis.Unit)(v)
}

// aside keeps the arms at one name apart.
func (f sweptFactor) aside(arm, of int) float64 {
	if f.names == nil {
		return 0
	}
	return 0.12 * (float64(arm) - float64(of-1)/2)
}

func sweptFactors(all []view.Panel) []sweptFactor {
	var out []sweptFactor
	for _, f := range factor.All() {
		if axis, ok := f.Axis(); ok {
			out = append(out, sweptFactor{Factor: f, axis: axis})
			continue
		}
		var names []string
		for _, p := range all {
			if name := term.Clean(f.Value(p.Level)); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		at := func(l v1alpha1.Level) (float64, bool) {
			return float64(slices.Index(names, term.Clean(f.Value(l)))), true
		}
		out = append(out, sweptFactor{Factor: f, names: names, axis: factor.Axis{Label: f.Name(), At: at}})
	}
	return out
}

// detailed are the metrics of figures for papers: what leads, high percentiles, and
// cores and memory by part.
func detailed() []metric.Metric {
	all := metric.Leading()
	const high = 0.99
	for _, m := range metric.Latencies() {
		if m.Quantile > high {
			all = append(all, m)
		}
	}
	for _, k := range []metric.Kind{metric.Cores, metric.MemoryMean} {
		for _, part := range resource.Parts() {
			if m, ok := metric.Cost(k, part); ok {
				all = append(all, m)
			}
		}
	}
	return all
}

// sweepFigures show metrics over each factor that an experiment sweeps, apart for
// every setting of the other factors.
func sweepFigures(all []view.Panel, metrics []metric.Metric) []figure {
	var out []figure
	for _, f := range sweptFactors(all) {
		var others []v1alpha1.Level
		groups := map[v1alpha1.Level][]view.Panel{}
		for _, p := range all {
			if _, ok := f.axis.At(p.Level); !ok {
				continue
			}
			rest := f.Rest(p.Level)
			if groups[rest] == nil {
				others = append(others, rest)
			}
			groups[rest] = append(groups[rest], p)
		}
		for _, rest := range others {
			if one := sweepFigure(f, groups[rest], len(others) > 1, metrics); len(one.Plots) > 0 {
				out = append(out, one)
			}
		}
	}
	return out
}

func sweepFigure(by sweptFactor, panels []view.Panel, several bool, metrics []metric.Metric) figure {
	f := figure{Title: "By " + by.axis.Label,
		Note: "Lines join the values over all rounds; whiskers are 95 % intervals of the mean of rounds, or, of fewer than " +
			fmt.Sprint(stats.MinPairs) + " rounds, reach from the lowest to the highest."}
	panels = slices.Clone(panels)
	at := func(p view.Panel) float64 { v, _ := by.axis.At(p.Level); return v }
	slices.SortStableFunc(panels, func(a, b view.Panel) int { return cmp.Compare(at(a), at(b)) })
	if at(panels[0]) == at(panels[len(panels)-1]) {
		return f
	}
	if several {
		if rest := without(levelName(panels[0]), by.Name()); rest != "" {
			f.Title += ", " + rest
		}
	}
	var xs []float64
	for _, p := range panels {
		xs = append(xs, at(p))
	}
	x, place := sweepAxis(by, xs)
	f.Table.Head = []string{by.axis.Label, "arm"}
	metrics = view.Shown(slices.Clone(metrics), panels...)
	for i, one := range panels[0].Rows {
		f.Keys = append(f.Keys, legendKey{chart.Style(i), term.Clean(one.Arm.Name)})
	}
	for _, m := range metrics {
		f.Table.Head = append(f.Table.Head, m.Label)
		f.plot(m.Title, sweepPlot(by, m, x, place, xs, panels))
	}
	for i, p := range panels {
		for _, one := range p.Rows {
			row := []string{by.text(xs[i]), term.Clean(one.Arm.Name)}
			for _, m := range metrics {
				row = append(row, strings.TrimSpace(one.Entries[m.Name].Absolute))
			}
			f.Table.Rows = append(f.Table.Rows, row)
		}
	}
	return f
}

// sweepAxis is logarithmic where it can be; a sweep from 0 has even steps.
func sweepAxis(by sweptFactor, xs []float64) (axis chart.Axis, place func(i int) float64) {
	scale, ok := chart.Fit(chart.Log, xs...)
	if ok && xs[0] > 0 && by.names == nil {
		axis = chart.Axis{Scale: scale, Label: by.axis.Label + ", log scale"}
		place = func(i int) float64 { return xs[i] }
	} else {
		axis = chart.Axis{Scale: chart.Scale{Low: -0.3, High: float64(len(xs)) - 0.7},
			Label: by.axis.Label + ", in even steps"}
		if by.names != nil {
			axis.Label = by.axis.Label
		}
		place = func(i int) float64 { return float64(i) }
	}
	for i, v := range xs {
		axis.Ticks = append(axis.Ticks, chart.Named{Value: place(i), Text: by.text(v)})
	}
	return axis, place
}

func sweepPlot(by sweptFactor, m metric.Metric, x chart.Axis, place func(int) float64, xs []float64,
	panels []view.Panel) *chart.Plot {
	var values []float64
	for _, p := range panels {
		for _, one := range p.Rows {
			if v, ok := report.Value(one.Cell, m.Name); ok && v.Value != nil {
				low, high := spread(v)
				values = append(values, *v.Value, low, high)
			}
		}
	}
	y, ok := chart.Fit(chart.Log, values...)
	if !ok {
		return &chart.Plot{}
	}
	plot := chart.New(fmt.Sprintf("%s over %s", m.Title, x.Label), 210, x,
		chart.Axis{Scale: y, Label: axisLabel(m.Unit) + ", log scale", Format: tickText(m.Unit)})
	for i, one := range panels[0].Rows {
		style := chart.Style(i)
		var line []chart.XY
		for k, p := range panels {
			v, ok := report.Value(p.Rows[i].Cell, m.Name)
			if !ok || v.Value == nil {
				line = append(line, chart.Gap())
				continue
			}
			at := chart.XY{X: place(k) + by.aside(i, len(panels[0].Rows)), Y: *v.Value}
			line = append(line, at)
			low, high := spread(v)
			plot.Whisker(style, chart.XY{X: at.X, Y: low}, chart.XY{X: at.X, Y: high}, "")
			plot.Dot(style, at,
				fmt.Sprintf("%s at %s: %s", term.Clean(one.Arm.Name), by.text(xs[k]), quantity.Text(*v.Value, m.Unit)))
		}
		if by.names == nil { // between two names there is nothing
			plot.Line(style, line...)
		}
	}
	return plot
}

// spread is how far a value of one cell is known: the 95 % interval of the geometric
// mean of its rounds, as axes here are logarithmic, or the range of rounds that are
// too few for one.
func spread(v v1alpha1.MetricValue) (low, high float64) {
	low, high = *v.Value, *v.Value
	var logs []float64
	for _, r := range v.PerRound {
		low, high = min(low, r.Value), max(high, r.Value)
		logs = append(logs, math.Log(r.Value))
	}
	if e := stats.Exp(stats.MeanInterval(logs)); e.Low != nil && *e.Low > 0 && !math.IsInf(*e.High, 0) {
		return *e.Low, *e.High
	}
	return low, high
}

// experimentPanels are the panels of one experiment.
type experimentPanels struct {
	experiment v1alpha1.Experiment
	panels     []view.Panel
}

func byExperiment(all []view.Panel) []experimentPanels {
	var out []experimentPanels
	for _, p := range all {
		if n := len(out); n == 0 || out[n-1].experiment.Metadata.Name != p.Experiment.Metadata.Name {
			out = append(out, experimentPanels{experiment: p.Experiment})
		}
		out[len(out)-1].panels = append(out[len(out)-1].panels, p)
	}
	return out
}

func levelName(p view.Panel) string {
	if p.Level.ID == experiment.DefaultLevel {
		return ""
	}
	return term.Clean(p.Level.ID)
}
