package page

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/chart"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

// figure is some plots that belong together, and what they show as text.
type figure struct {
	// ID is unique in the page.
	ID, Title string
	// Note says how to read it.
	Note  string
	Keys  []legendKey
	Parts []legendPart
	Plots []captioned
	Table textTable
}

// legendKey names an arm by its line and dot.
type legendKey struct {
	Style chart.Style
	Name  string
}

// legendPart names a part of a bar.
type legendPart struct {
	Swatch chart.Bar
	Name   string
}

type captioned struct {
	Caption string
	Plot    *chart.Plot
}

// textTable holds the figures of a plot for those who read or copy them.
type textTable struct {
	Head []string
	Rows [][]string
	// Note says what was left out.
	Note string
}

func (f *figure) plot(caption string, p *chart.Plot) {
	if !p.Empty() {
		f.Plots = append(f.Plots, captioned{Caption: caption, Plot: p})
	}
}

// keys of those arms that a figure shows.
func keys(arms []armData) []legendKey {
	var all []legendKey
	for _, a := range arms {
		all = append(all, legendKey{Style: a.style, Name: a.name})
	}
	return all
}

// figures are all that a level's data can fill; of one level of many, those that
// answer what a mesh costs there.
func figures(x report.Index, d levelData, many bool) []figure {
	all := []figure{ratioFigure(x, d), tailFigure(d)}
	if !many {
		all = append(all, absoluteFigure(d), violinFigure(d), distributionFigure(d), roundFigure(d))
	}
	all = append(all, costFigure(d))
	if !many {
		all = append(all, timeFigure(d), cpuFigure(d), memoryFigure(d))
	}
	return slices.DeleteFunc(all, func(f figure) bool { return len(f.Plots) == 0 })
}

// tickText writes the round values of axes: no digit that says nothing.
func tickText(u v1alpha1.Unit) func(float64) string {
	return func(v float64) string {
		switch abs := math.Abs(v); {
		case u == v1alpha1.UnitRatio:
			return plain(v*100) + " %"
		case u != v1alpha1.UnitSeconds && abs >= 1e6:
			return plain(v/1e6) + "M"
		case u != v1alpha1.UnitSeconds && abs >= 1e4:
			return plain(v/1e3) + "k"
		case u != v1alpha1.UnitSeconds:
			return plain(v)
		case v == 0:
			return "0"
		case abs < 0.9999e-6:
			return plain(v*1e9) + " ns"
		case abs < 0.9999e-3:
			return plain(v*1e6) + " µs"
		case abs < 0.9999:
			return plain(v*1e3) + " ms"
		default:
			return plain(v) + " s"
		}
	}
}

// axisLabel says what an axis of a unit shows.
func axisLabel(u v1alpha1.Unit) string {
	switch u {
	case v1alpha1.UnitSeconds:
		return "latency"
	case v1alpha1.UnitPerSecond:
		return "requests per second"
	case v1alpha1.UnitRatio:
		return "share of requests"
	case v1alpha1.UnitTimes:
		return "times"
	case v1alpha1.UnitCPUPer1000:
		return "CPU-milliseconds for 1,000 requests"
	}
	return string(u)
}

// plain writes a number with as few digits as it has, at most six.
func plain(v float64) string {
	text := strconv.FormatFloat(v, 'g', 6, 64)
	if strings.Contains(text, "e") {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	return text
}

func percentText(q float64) string { return plain(q*100) + " %" }

func number(v float64) string { return tickText("")(v) }

// orDash writes a value that may be absent.
func orDash(v *float64, u v1alpha1.Unit) string {
	if v == nil {
		return "–"
	}
	return quantity.Text(*v, u)
}

// seconds is an axis of time from the start of a window.
func windowAxis(high float64) chart.Axis {
	s, _ := chart.FromZero(high)
	s.High = high
	return chart.Axis{Scale: s, Label: "seconds of the window", Format: number}
}
