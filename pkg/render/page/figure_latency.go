package page

import (
	"fmt"
	"math"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/chart"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/grid"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
)

// tailFigure shows latency over percentiles on an axis that gives each nine as
// much room. A line ends where fewer than ten samples lie above it.
func tailFigure(d levelData) figure {
	f := figure{Title: "Latency by percentile",
		Note: "Each nine has as much room, so that the tail can be seen. A line ends where fewer than 10 requests lie above it."}
	const step, begin = 0.05, 0.1 // of a nine
	lines := map[string][]chart.XY{}
	var values []float64
	last := 0.5
	for _, a := range d.arms {
		for i := 0.0; i < 9/step; i++ {
			q := 1 - math.Pow(10, -begin-i*step)
			v := quantile(a.merged, q)
			if v == nil {
				break
			}
			lines[a.name] = append(lines[a.name], chart.XY{X: q, Y: *v})
			values = append(values, *v)
			last = max(last, q)
		}
	}
	y, ok := chart.Fit(chart.Log, values...)
	if !ok {
		return f
	}
	p := chart.New("Latency by percentile", chart.Height,
		chart.Axis{Scale: chart.Scale{Kind: chart.Nines, Low: 1 - math.Pow(10, -begin), High: last}, Label: "percentile",
			Format: percentText},
		chart.Axis{Scale: y, Label: "latency, log scale", Format: tickText(v1alpha1.UnitSeconds)})
	quantiles := []float64{0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999}
	f.Table.Head = []string{"arm"}
	for _, q := range quantiles {
		f.Table.Head = append(f.Table.Head, percentText(q))
	}
	for _, a := range d.arms {
		p.Line(a.style, lines[a.name]...)
		row := []string{a.name}
		for _, q := range quantiles {
			v := quantile(a.merged, q)
			row = append(row, orDash(v, v1alpha1.UnitSeconds))
			if v != nil {
				p.Dot(a.style, chart.XY{X: q, Y: *v},
					fmt.Sprintf("%s, %s of requests: %s or less", a.name, percentText(q), quantity.Seconds(*v)))
			}
		}
		f.Table.Rows = append(f.Table.Rows, row)
	}
	f.Keys = keys(d.arms)
	f.plot("", p)
	return f
}

// distributionFigure shows how requests spread over latencies, as shares and
// summed up.
func distributionFigure(d levelData) figure {
	f := figure{Title: "Distribution of latency", Note: "All rounds together. Both axes of latency are logarithmic."}
	var fine []grid.Density
	for _, a := range d.arms {
		fine = append(fine, grid.DensityOf(a.merged))
	}
	factor := grid.Coarseness(fine, 60)
	var xs []float64
	highest := 0.0
	shares := make([]grid.Density, len(fine))
	for i, one := range fine {
		c := one.Coarse(factor)
		total := c.Sum()
		for k := range c.Counts {
			c.Counts[k] /= total
			highest = max(highest, c.Counts[k])
		}
		if total > 0 {
			xs = append(xs, grid.Edge(c.First*factor), grid.Edge((c.First+len(c.Counts))*factor))
		}
		shares[i] = c
	}
	x, ok := chart.Fit(chart.Log, xs...)
	if !ok {
		return f
	}
	latency := chart.Axis{Scale: x, Label: "latency, log scale", Format: tickText(v1alpha1.UnitSeconds)}
	share := func(high float64) chart.Axis {
		s, _ := chart.FromZero(high)
		return chart.Axis{Scale: s, Label: "share of requests", Format: tickText(v1alpha1.UnitRatio)}
	}
	histogram := chart.New("Share of requests by latency", chart.Height, latency, share(highest))
	summed := share(1)
	summed.Scale.High, summed.Label = 1, "share of requests at most as slow"
	cdf := chart.New("Share of requests that took at most so long", chart.Height, latency, summed)
	f.Table.Head = []string{"latency from", "to"}
	for i, a := range d.arms {
		c := shares[i]
		var steps, low, high, sums []chart.XY
		sum := 0.0
		for k, n := range c.Counts {
			from, to := grid.Edge((c.First+k)*factor), grid.Edge((c.First+k+1)*factor)
			if k == 0 {
				steps, sums = append(steps, chart.XY{X: from}), append(sums, chart.XY{X: from})
			}
			sum += n
			steps = append(steps, chart.XY{X: from, Y: n}, chart.XY{X: to, Y: n})
			low = append(low, chart.XY{X: from}, chart.XY{X: to})
			high = append(high, chart.XY{X: from, Y: n}, chart.XY{X: to, Y: n})
			sums = append(sums, chart.XY{X: to, Y: sum})
		}
		if len(steps) > 0 {
			steps = append(steps, chart.XY{X: steps[len(steps)-1].X})
		}
		histogram.Band(a.style, a.name, low, high)
		histogram.Line(a.style, steps...)
		cdf.Line(a.style, sums...)
		f.Table.Head = append(f.Table.Head, a.name)
	}
	f.Table.Rows = shareRows(shares, factor)
	f.Keys = keys(d.arms)
	f.plot("How many requests took so long", histogram)
	f.plot("How many took at most so long", cdf)
	return f
}

// shareRows has one row per bin that any arm has samples in.
func shareRows(shares []grid.Density, factor int) [][]string {
	first, last := math.MaxInt, math.MinInt
	for _, c := range shares {
		if len(c.Counts) > 0 {
			first, last = min(first, c.First), max(last, c.First+len(c.Counts)-1)
		}
	}
	var rows [][]string
	for bin := first; bin <= last; bin++ {
		row := []string{quantity.Seconds(grid.Edge(bin * factor)), quantity.Seconds(grid.Edge((bin + 1) * factor))}
		any := false
		for _, c := range shares {
			share := 0.0
			if at := bin - c.First; at >= 0 && at < len(c.Counts) {
				share = c.Counts[at]
			}
			any = any || share > 0
			row = append(row, quantity.Percent(share))
		}
		if any {
			rows = append(rows, row)
		}
	}
	return rows
}
