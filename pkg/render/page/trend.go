package page

import (
	"fmt"
	"html/template"
	"io"

	_ "embed" // the page's template

	"github.com/meshbench/kubectl-meshbench/pkg/chart"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/trend"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

//go:embed trend.html
var trendTemplate string

// trendPage is what the template shows.
type trendPage struct {
	Legend   string
	Warnings []string
	Figures  []figure
}

// Trend writes one page with a figure for each line.
func Trend(out io.Writer, r trend.Result, legend string) error {
	set, err := chart.Define(template.New("trend"))
	if err != nil {
		return err
	}
	for _, text := range []string{pageTemplate, trendTemplate} {
		if set, err = set.Parse(text); err != nil {
			return fmt.Errorf("template of the page: %w", err)
		}
	}
	data := trendPage{Legend: legend}
	for _, warning := range r.Warnings {
		data.Warnings = append(data.Warnings, term.Clean(warning))
	}
	for _, l := range r.Lines {
		data.Figures = append(data.Figures, trendFigure(l))
	}
	return set.ExecuteTemplate(out, "trend", data)
}

// trendFigure draws the ratio of each session, and the level of each stretch.
func trendFigure(l trend.Line) figure {
	m, _ := metric.Find(l.Metric)
	f := figure{Title: term.Clean(fmt.Sprintf("%s of %s, %s %s: %s", m.Title, l.Arm, l.Experiment, l.Level, l.Word)),
		Note: "Dots are sessions, whiskers their own 95 % intervals; lines are the levels between changes. " +
			term.Clean(l.Reason)}
	f.Table.Head = []string{"run", "date", "mesh", "ratio", "95 %"}
	values := []float64{1}
	x := chart.Axis{Scale: chart.Scale{Low: -0.5, High: float64(len(l.Points)) - 0.5},
		Label: "session, by date or version"}
	for i, p := range l.Points {
		values = append(values, p.Ratio.Value)
		interval := "–"
		if p.Ratio.Low != nil && p.Ratio.High != nil {
			values = append(values, *p.Ratio.Low, *p.Ratio.High)
			_, interval = quantity.Ratio(p.Ratio)
		}
		date := p.At.UTC().Format("2006-01-02")
		f.Table.Rows = append(f.Table.Rows,
			[]string{term.Clean(p.Run), date, term.Clean(p.Mesh), "×" + quantity.Times(p.Ratio.Value), interval})
		text := p.At.UTC().Format("01-02")
		if p.Mesh != "" && (i == 0 || p.Mesh != l.Points[i-1].Mesh) {
			text = term.Clean(p.Mesh)
		}
		x.Ticks = append(x.Ticks, chart.Named{Value: float64(i), Text: text})
	}
	scale, ok := chart.Fit(chart.Log, values...)
	if !ok {
		return f
	}
	plot := chart.New(f.Title, 210, x, chart.Axis{Scale: scale, Label: "ratio to the baseline, log scale", Format: number})
	at := 0
	for _, s := range l.Segments {
		plot.Line(2, chart.XY{X: float64(at) - 0.4, Y: s.Ratio.Value},
			chart.XY{X: float64(at+s.Sessions) - 0.6, Y: s.Ratio.Value})
		at += s.Sessions
	}
	for i, p := range l.Points {
		place := float64(i)
		if p.Ratio.Low != nil && p.Ratio.High != nil {
			plot.Whisker(1, chart.XY{X: place, Y: *p.Ratio.Low}, chart.XY{X: place, Y: *p.Ratio.High}, "")
		}
		plot.Dot(1, chart.XY{X: place, Y: p.Ratio.Value},
			term.Clean(fmt.Sprintf("%s %s: ×%s", p.Run, p.Mesh, quantity.Times(p.Ratio.Value))))
	}
	f.plot("", plot)
	return f
}
