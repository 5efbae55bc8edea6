package page

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/chart"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
)

const (
	// longestWindow bounds what a report may claim, in seconds: one day.
	longestWindow = 24 * 60 * 60
	// mostPoints is how many points a line over time has; more cannot be seen.
	mostPoints = 600
	// mostRows is how long a table of a series gets.
	mostRows = 60
)

// course is a quantity over the window of several rounds.
type course struct {
	offset            int
	median, low, high float64
}

// summary is the median of the rounds in each second with the lowest and the
// highest; single values are compared, percentiles are not averaged. It takes
// the samples of all rounds, and sorts them.
func summary(all []sample) []course {
	slices.SortFunc(all,
		func(a, b sample) int { return cmp.Or(cmp.Compare(a.second, b.second), cmp.Compare(a.value, b.value)) })
	var out []course
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].second == all[0].second {
			n++
		}
		out = append(out,
			course{offset: all[0].second, median: all[(n-1)/2].value/2 + all[n/2].value/2, low: all[0].value,
				high: all[n-1].value})
		all = all[n:]
	}
	return out
}

// thinned joins seconds until a line can be drawn: the median is that of the
// middle, the range covers all.
func thinned(all []course) []course {
	every := (len(all) + mostPoints - 1) / mostPoints
	if every <= 1 {
		return all
	}
	var out []course
	for part := range slices.Chunk(all, every) {
		one := part[len(part)/2]
		for _, c := range part {
			one.low, one.high = min(one.low, c.low), max(one.high, c.high)
		}
		out = append(out, one)
	}
	return out
}

// timePlot draws each arm's course; nil if there is nothing to draw.
func timePlot(title string, height float64, arms []armData, all map[string][]course, u v1alpha1.Unit, label string,
	zero bool) *chart.Plot {
	var values []float64
	end := 0.0
	for _, a := range arms {
		for _, c := range all[a.name] {
			values = append(values, c.low, c.high)
			end = max(end, float64(c.offset+1))
		}
	}
	fit := chart.FromZero
	if !zero {
		fit = func(v ...float64) (chart.Scale, bool) { return chart.Fit(chart.Log, v...) }
	}
	y, ok := fit(values...)
	if !ok {
		return &chart.Plot{}
	}
	p := chart.New(title, height, windowAxis(end), chart.Axis{Scale: y, Label: label, Format: tickText(u)})
	for _, a := range arms {
		var middle, low, high []chart.XY
		before := -1
		for _, c := range thinned(all[a.name]) {
			if before >= 0 && c.offset-before > max(5, 3*len(all[a.name])/mostPoints) {
				middle, low, high = append(middle, chart.Gap()), append(low, chart.Gap()), append(high, chart.Gap())
			}
			before = c.offset
			x := float64(c.offset) + 0.5
			middle, low, high = append(middle, chart.XY{X: x, Y: c.median}), append(low, chart.XY{X: x, Y: c.low}),
				append(high, chart.XY{X: x, Y: c.high})
		}
		p.Band(a.style, a.name+", lowest to highest round", low, high)
		p.Line(a.style, middle...)
	}
	return p
}

// timeFigure shows throughput and latency over the seconds of the window.
func timeFigure(d levelData) figure {
	f := figure{Title: "Over the window",
		Note: "Lines are the median of the rounds in each second, bands reach from the lowest to the highest round."}
	perSecond := func(of func(v1alpha1.Second, float64) *float64) map[string][]course {
		all := map[string][]course{}
		for _, a := range d.arms {
			var values []sample
			for _, t := range a.trials {
				for _, s := range t.Series {
					// A last, short second tells no rate.
					part := min(1, t.Window.Seconds-float64(s.OffsetSeconds))
					if s.OffsetSeconds < 0 || s.OffsetSeconds >= longestWindow || part < 0.5 {
						continue
					}
					if v := of(s, part); v != nil && !math.IsInf(*v, 0) {
						values = append(values, sample{s.OffsetSeconds, *v})
					}
				}
			}
			all[a.name] = summary(values)
		}
		return all
	}
	throughput := perSecond(func(s v1alpha1.Second, part float64) *float64 { v := float64(s.Requests) / part; return &v })
	p50 := perSecond(func(s v1alpha1.Second, _ float64) *float64 { return s.P50Seconds })
	p99 := perSecond(func(s v1alpha1.Second, _ float64) *float64 { return s.P99Seconds })
	const low = 200
	f.plot("Requests per second",
		timePlot("Requests per second over the window", low, d.arms, throughput, v1alpha1.UnitPerSecond,
			"requests per second", true))
	f.plot("Median latency",
		timePlot("p50 over the window", low, d.arms, p50, v1alpha1.UnitSeconds, "p50, log scale", false))
	f.plot("99th percentile",
		timePlot("p99 over the window", low, d.arms, p99, v1alpha1.UnitSeconds, "p99, log scale", false))
	f.Keys = keys(d.arms)
	f.Table = courseTable(d.arms, []string{"requests/s", "p50", "p99"}, []map[string][]course{throughput, p50, p99},
		[]func(float64) string{quantity.Significant, quantity.Seconds, quantity.Seconds})
	return f
}

// courseTable has a row per second and arm, thinned where a window is long.
func courseTable(arms []armData, names []string, all []map[string][]course, texts []func(float64) string) textTable {
	t := textTable{Head: append([]string{"second", "arm"}, names...)}
	for _, a := range arms {
		bySecond := map[int][]string{}
		for i, one := range all {
			for _, c := range one[a.name] {
				if bySecond[c.offset] == nil {
					bySecond[c.offset] = slices.Repeat([]string{"–"}, len(all))
				}
				bySecond[c.offset][i] = texts[i](c.median)
			}
		}
		offsets := slices.Sorted(maps.Keys(bySecond))
		every := (len(offsets) + mostRows - 1) / mostRows
		for i, s := range offsets {
			if every > 1 && i%every != 0 {
				t.Note = fmt.Sprintf("Every %d seconds; all of them are in the report at the end of this page.", every)
				continue
			}
			t.Rows = append(t.Rows, append([]string{fmt.Sprint(s), a.name}, bySecond[s]...))
		}
	}
	return t
}
