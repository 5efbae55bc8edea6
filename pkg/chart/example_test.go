package chart_test

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/chart"
)

// A plot is a value that a template of Define draws as SVG.
func ExampleNew() {
	x, _ := chart.FromZero(3)
	y, _ := chart.Fit(chart.Log, 1, 100)
	p := chart.New("Latency by round", chart.Height, chart.Axis{Scale: x, Label: "round", Format: plain},
		chart.Axis{Scale: y, Label: "ms", Format: plain})
	p.Line(chart.Style(0), chart.XY{X: 1, Y: 10}, chart.XY{X: 2, Y: 40})
	set, err := chart.Define(template.New("figures"))
	if err != nil {
		fmt.Println(err)
		return
	}
	var svg strings.Builder
	if err := set.ExecuteTemplate(&svg, "plot", p); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.HasPrefix(svg.String(), "<svg"), strings.Contains(svg.String(), `aria-label="Latency by round"`))
	// Output: true true
}

func plain(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
