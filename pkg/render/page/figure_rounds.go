package page

import (
	"fmt"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/chart"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/grid"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

// mostViolins is how many fit beside each other and can still be read.
const mostViolins = 24

// violin is the distribution of one round of one arm, or of all its rounds.
type violin struct {
	arm     armData
	x       float64
	name    string
	density grid.Density
	rounds  []roundData
}

// violins are one per round and arm where there is room, else one per arm.
func violins(d levelData) (all []violin, axis chart.Axis) {
	rounds := roundsOf(d)
	axis.Scale = chart.Scale{Low: 0.4, High: float64(len(rounds)) + 0.6}
	if len(rounds)*len(d.arms) <= mostViolins {
		axis.Label = "round"
		for i, round := range rounds {
			axis.Ticks = append(axis.Ticks, chart.Named{Value: float64(i + 1), Text: fmt.Sprint(round)})
			for k, a := range d.arms {
				at := slices.IndexFunc(a.rounds, func(r roundData) bool { return r.round == round })
				if at < 0 {
					continue
				}
				x := float64(i+1) + (float64(k)+0.5)/float64(len(d.arms))*0.8 - 0.4
				all = append(all,
					violin{arm: a, x: x, name: fmt.Sprintf("%s, round %d", a.name, round), density: a.rounds[at].density,
						rounds: a.rounds[at : at+1]})
			}
		}
		return all, axis
	}
	axis.Scale = chart.Scale{Low: 0.4, High: float64(len(d.arms)) + 0.6}
	for k, a := range d.arms {
		axis.Ticks = append(axis.Ticks, chart.Named{Value: float64(k + 1), Text: a.name})
		all = append(all,
			violin{arm: a, x: float64(k + 1), name: a.name, density: grid.DensityOf(a.merged), rounds: a.rounds})
	}
	return all, axis
}

func roundsOf(d levelData) []int {
	var rounds []int
	for _, a := range d.arms {
		for _, r := range a.rounds {
			rounds = append(rounds, r.round)
		}
	}
	slices.Sort(rounds)
	return slices.Compact(rounds)
}

// violinFigure shows the shape of each round's latencies with its median and
// 99th percentile.
func violinFigure(d levelData) figure {
	f := figure{Title: "Latency round by round",
		Note: "Width shows how many requests took so long. Dots are medians, bars the 99th percentile of each round."}
	all, x := violins(d)
	var values []float64
	var densities []grid.Density
	for _, v := range all {
		densities = append(densities, v.density)
		if n := len(v.density.Counts); n > 0 {
			values = append(values, grid.Edge(v.density.First), grid.Edge(v.density.First+n))
		}
	}
	scale, ok := chart.Fit(chart.Log, values...)
	if !ok {
		return f
	}
	factor := grid.Coarseness(densities, 48)
	half := 0.4
	if x.Label != "" {
		half /= float64(len(d.arms))
	}
	p := chart.New("Latency by round", chart.Height, x,
		chart.Axis{Scale: scale, Label: "latency, log scale", Format: tickText(v1alpha1.UnitSeconds)})
	f.Table.Head = []string{"round", "arm", "requests", "p50", "p99"}
	for _, v := range all {
		c := v.density.Coarse(factor).Smooth(1)
		widest := slices.Max(c.Counts)
		var outline []chart.XY
		for k, n := range c.Counts {
			outline = append(outline, chart.XY{X: n / widest, Y: grid.Edge((c.First+k)*factor + factor/2)})
		}
		p.Violin(v.arm.style, v.name, v.x, half*0.95, outline)
		for i, r := range v.rounds {
			// Many rounds of one arm stand beside each other, in their order.
			at := v.x + half*1.6*((float64(i)+0.5)/float64(len(v.rounds))-0.5)
			name := fmt.Sprintf("%s, round %d", v.arm.name, r.round)
			if r.p50 != nil {
				p.SmallDot(v.arm.style, chart.XY{X: at, Y: *r.p50}, name+": p50 "+quantity.Seconds(*r.p50))
			}
			if r.p99 != nil {
				wide := half * 0.5 / float64(len(v.rounds))
				p.Whisker(v.arm.style, chart.XY{X: at - wide, Y: *r.p99}, chart.XY{X: at + wide, Y: *r.p99},
					name+": p99 "+quantity.Seconds(*r.p99))
			}
			f.Table.Rows = append(f.Table.Rows,
				[]string{fmt.Sprint(r.round), v.arm.name, words.Thousands(r.count), orDash(r.p50, v1alpha1.UnitSeconds),
					orDash(r.p99, v1alpha1.UnitSeconds)})
		}
	}
	f.Keys = keys(d.arms)
	f.plot("", p)
	return f
}

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
