package render

import (
	"fmt"
	"math"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
	"github.com/meshbench/kubectl-meshbench/pkg/term"
)

// chart is a plot in units of its SVG; all text is outside of the paths.
type chart struct {
	Title  string
	XTicks []tick
	YTicks []tick
	Series []series
	// Unity is where the line "as the baseline" is drawn, 0 for none.
	Unity float64
}

type tick struct {
	At   float64
	Text string
}

// series is one arm's line or points; Color counts from 0 in the order of arms.
type series struct {
	Name   string
	Color  int
	Path   string
	Points []point
}

type point struct {
	X, Y float64
	// Low and High are the ends of an interval along X; equal for none.
	Low, High float64
	Text      string
}

// The plot's area within the SVG.
const (
	plotLeft, plotRight = 90.0, 620.0
	plotTop, plotBottom = 20.0, 260.0
)

// axis maps values to places.
type axis struct {
	low, high, from, to float64
	log                 bool
}

func (a axis) at(v float64) float64 {
	low, high := a.low, a.high
	if a.log {
		v, low, high = math.Log(v), math.Log(low), math.Log(high)
	}
	if high == low {
		return (a.from + a.to) / 2
	}
	return math.Round(10*(a.from+(v-low)/(high-low)*(a.to-a.from))) / 10
}

// ratioChart shows each ratio to the baseline with its interval, on a
// logarithmic axis: half and double are equally far from 1.
func ratioChart(r v1alpha1.Report, p panel) chart {
	c := chart{Title: "Ratio to the baseline, 95 % intervals"}
	low, high := 0.8, 1.25
	var lines []v1alpha1.Comparison
	for _, column := range columns() {
		for _, x := range r.Comparisons {
			if !column.compared || x.Metric != column.metric || x.Experiment != p.experiment.Metadata.Name || x.Level != p.level.ID ||
				x.Ratio == nil || x.Ratio.Low == nil || x.Ratio.Value <= 0 {
				continue
			}
			lines = append(lines, x)
			low, high = min(low, *x.Ratio.Low), max(high, *x.Ratio.High)
		}
	}
	if len(lines) == 0 || low <= 0 {
		return c
	}
	x := axis{low: low / 1.05, high: high * 1.05, from: plotLeft, to: plotRight, log: true}
	c.Unity = x.at(1)
	for _, v := range []float64{0.1, 0.2, 0.3, 0.5, 0.7, 0.85, 1, 1.2, 1.5, 2, 3, 5, 10, 20, 50} {
		if v >= x.low && v <= x.high {
			c.XTicks = append(c.XTicks, tick{x.at(v), "x" + significant(v)})
		}
	}
	step := (plotBottom - plotTop) / float64(len(lines))
	for i, line := range lines {
		y := math.Round(10*(plotTop+step*(float64(i)+0.5))) / 10
		name := term.Clean(line.Arm)
		c.YTicks = append(c.YTicks, tick{y, string(line.Metric)})
		at := slices.IndexFunc(c.Series, func(s series) bool { return s.Name == name })
		if at < 0 {
			c.Series = append(c.Series, series{Name: name, Color: colorOf(p, line.Arm)})
			at = len(c.Series) - 1
		}
		c.Series[at].Points = append(c.Series[at].Points, point{
			X: x.at(line.Ratio.Value), Y: y, Low: x.at(*line.Ratio.Low), High: x.at(*line.Ratio.High),
			Text: fmt.Sprintf("%s %s: x%s (%s to %s)", name, line.Metric, times(line.Ratio.Value), times(*line.Ratio.Low), times(*line.Ratio.High)),
		})
	}
	return c
}

// tailChart shows latency over percentiles; the axis gives each nine as much
// room, so that the tail can be seen. A quantile needs ten samples above it.
func tailChart(r v1alpha1.Report, p panel) chart {
	c := chart{Title: "Latency by percentile"}
	quantiles := []float64{0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999, 0.99999}
	values := map[string][]float64{}
	var all []float64
	last := 0
	for _, one := range p.rows {
		h := mergedLatency(r, p, one.arm.Name)
		for i, q := range quantiles {
			if float64(h.Count())*(1-q) < 10 {
				break
			}
			v := h.Quantile(q).Seconds()
			values[one.arm.Name] = append(values[one.arm.Name], v)
			all = append(all, v)
			last = max(last, i)
		}
	}
	if len(all) == 0 {
		return c
	}
	nines := func(q float64) float64 { return -math.Log10(1 - q) }
	x := axis{low: nines(quantiles[0]), high: nines(quantiles[last]), from: plotLeft, to: plotRight}
	y := axis{low: max(slices.Min(all), 1e-9) / 1.1, high: slices.Max(all) * 1.1, from: plotBottom, to: plotTop, log: true}
	for _, q := range []float64{0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999} {
		if q <= quantiles[last] {
			c.XTicks = append(c.XTicks, tick{x.at(nines(q)), fmt.Sprintf("p%g", math.Round(q*1e7)/1e5)})
		}
	}
	c.YTicks = decades(y, v1alpha1.UnitSeconds)
	for _, one := range p.rows {
		s := series{Name: term.Clean(one.arm.Name), Color: colorOf(p, one.arm.Name)}
		for i, v := range values[one.arm.Name] {
			at := point{X: x.at(nines(quantiles[i])), Y: y.at(v), Text: fmt.Sprintf("%s p%g: %s", s.Name, math.Round(quantiles[i]*1e7)/1e5, seconds(v))}
			at.Low, at.High = at.X, at.X
			s.Points = append(s.Points, at)
			s.Path += fmt.Sprintf("%s%g %g", map[bool]string{true: "M", false: "L"}[i == 0], at.X, at.Y)
		}
		if len(s.Points) > 0 {
			c.Series = append(c.Series, s)
		}
	}
	return c
}

// roundChart shows throughput round by round, so that drift and odd rounds are seen.
func roundChart(p panel) chart {
	c := chart{Title: "Requests per second in each round"}
	rounds, most := 1, 0.0
	for _, one := range p.rows {
		for _, v := range one.cell.Values {
			if v.Metric == v1alpha1.MetricThroughput {
				for _, x := range v.PerRound {
					rounds, most = max(rounds, x.Round), max(most, x.Value)
				}
			}
		}
	}
	if most == 0 {
		return c
	}
	x := axis{low: 0.5, high: float64(rounds) + 0.5, from: plotLeft, to: plotRight}
	y := axis{low: 0, high: most * 1.05, from: plotBottom, to: plotTop}
	for i := 1; i <= rounds; i += max(1, rounds/12) {
		c.XTicks = append(c.XTicks, tick{x.at(float64(i)), fmt.Sprint(i)})
	}
	for v, step := 0.0, roundStep(most/4); v <= y.high; v += step {
		c.YTicks = append(c.YTicks, tick{y.at(v), rate(v)})
	}
	for _, one := range p.rows {
		s := series{Name: term.Clean(one.arm.Name), Color: colorOf(p, one.arm.Name)}
		for _, v := range one.cell.Values {
			if v.Metric != v1alpha1.MetricThroughput {
				continue
			}
			for i, r := range v.PerRound {
				at := point{X: x.at(float64(r.Round)), Y: y.at(r.Value), Text: fmt.Sprintf("%s round %d: %s/s", s.Name, r.Round, rate(r.Value))}
				at.Low, at.High = at.X, at.X
				s.Points = append(s.Points, at)
				s.Path += fmt.Sprintf("%s%g %g", map[bool]string{true: "M", false: "L"}[i == 0], at.X, at.Y)
			}
		}
		if len(s.Points) > 0 {
			c.Series = append(c.Series, s)
		}
	}
	return c
}

// roundStep is 1, 2 or 5 times a power of ten, at least v.
func roundStep(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= v {
			return m * power
		}
	}
	return 10 * power
}

// decades are ticks at 1, 2 and 5 of each power of ten.
func decades(a axis, unit v1alpha1.Unit) []tick {
	var all []tick
	for e := math.Floor(math.Log10(a.low)); e <= math.Log10(a.high); e++ {
		for _, m := range []float64{1, 2, 5} {
			if v := m * math.Pow(10, e); v >= a.low && v <= a.high {
				all = append(all, tick{a.at(v), value(v, unit)})
			}
		}
	}
	return all
}

func colorOf(p panel, arm string) int {
	const colors = 6
	return slices.IndexFunc(p.rows, func(r row) bool { return r.arm.Name == arm }) % colors
}

// mergedLatency is the distribution of what users waited for, over all rounds;
// a histogram that cannot be read has a finding already.
func mergedLatency(r v1alpha1.Report, p panel, arm string) *stats.Histogram {
	sum := stats.NewHistogram()
	for _, t := range r.Trials {
		if t.Arm != arm || t.Experiment != p.experiment.Metadata.Name || t.Level != p.level.ID || t.Load == nil || t.Status != v1alpha1.TrialCompleted {
			continue
		}
		in := t.Load.ResponseTime
		if in == nil {
			in = t.Load.ServiceTime
		}
		if h, err := stats.FromAPI(in); err == nil {
			_ = sum.Merge(h) // FromAPI gives one resolution only
		}
	}
	return sum
}
