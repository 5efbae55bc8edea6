package page

import (
	"fmt"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/chart"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/grid"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/view"
)

// mostViolins is how many fit beside each other and can still be read.
const mostViolins = 24

// violin is the distribution of one arm's latencies: of one round, of all rounds,
// or of one level.
type violin struct {
	arm     armData
	x       float64
	name    string
	density grid.Density
	marks   []violinMark
}

// violinMark is the median and the 99th percentile of one or all rounds of a violin.
type violinMark struct {
	roundData
	// key is what the mark is of, in the first column of the figure's table.
	key, name string
}

func marksOf(a armData, rounds ...roundData) []violinMark {
	var all []violinMark
	for _, r := range rounds {
		all = append(all, violinMark{r, fmt.Sprint(r.round), fmt.Sprintf("%s, round %d", a.name, r.round)})
	}
	return all
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
						marks: marksOf(a, a.rounds[at])})
			}
		}
		return all, axis
	}
	axis.Scale = chart.Scale{Low: 0.4, High: float64(len(d.arms)) + 0.6}
	for k, a := range d.arms {
		axis.Ticks = append(axis.Ticks, chart.Named{Value: float64(k + 1), Text: a.name})
		all = append(all, violin{arm: a, x: float64(k + 1), name: a.name, density: grid.DensityOf(a.merged),
			marks: marksOf(a, a.rounds...)})
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
	f := figure{Title: "Latency round by round", Keys: keys(d.arms),
		Note: "Width shows how many requests took so long. Dots are medians, bars the 99th percentile of each round."}
	f.Table.Head = []string{"round", "arm", "requests", "p50", "p99"}
	all, x := violins(d)
	half := 0.4
	if x.Label != "" {
		half /= float64(len(d.arms))
	}
	f.violins("Latency by round", all, x, half)
	return f
}

// levelViolinFigures show, for each arm, the shape of its latencies at each level of
// an experiment, as figure 5.9 of the thesis does.
func levelViolinFigures(levels []levelData) []figure {
	if len(levels) < 2 || len(levels) > mostViolins {
		return nil
	}
	var panels []view.Panel
	for _, d := range levels {
		panels = append(panels, d.panel)
	}
	swept, names := levelNames(panels)
	if swept == "" {
		swept = "level"
	}
	var out []figure
	for k, first := range levels[0].arms {
		f := figure{Title: "Latency by level, " + first.name, Keys: keys(levels[0].arms[k : k+1]),
			Note: "Width shows how many requests took so long, of all rounds. Dots are medians, bars the 99th percentile."}
		f.Table.Head = []string{"level", "arm", "requests", "p50", "p99"}
		x := chart.Axis{Scale: chart.Scale{Low: 0.4, High: float64(len(levels)) + 0.6}, Label: swept}
		var all []violin
		for i, d := range levels {
			a, name := d.arms[k], names[i]
			x.Ticks = append(x.Ticks, chart.Named{Value: float64(i + 1), Text: name})
			whole := roundData{count: a.merged.Count(), p50: quantile(a.merged, 0.5), p99: quantile(a.merged, 0.99)}
			all = append(all, violin{arm: a, x: float64(i + 1), name: name, density: grid.DensityOf(a.merged),
				marks: []violinMark{{whole, name, a.name + ", " + name}}})
		}
		f.violins("Latency by level", all, x, 0.4)
		out = append(out, f)
	}
	return slices.DeleteFunc(out, func(f figure) bool { return len(f.Plots) == 0 })
}

// violins draws them, each as wide as half on either side, and writes what they
// show into the figure's table.
func (f *figure) violins(title string, all []violin, x chart.Axis, half float64) {
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
		return
	}
	factor := grid.Coarseness(densities, 48)
	p := chart.New(title, chart.Height, x,
		chart.Axis{Scale: scale, Label: "latency, log scale", Format: tickText(v1alpha1.UnitSeconds)})
	for _, v := range all {
		if len(v.density.Counts) == 0 {
			continue
		}
		c := v.density.Coarse(factor).Smooth(1)
		widest := slices.Max(c.Counts)
		var outline []chart.XY
		for k, n := range c.Counts {
			outline = append(outline, chart.XY{X: n / widest, Y: grid.Edge((c.First+k)*factor + factor/2)})
		}
		p.Violin(v.arm.style, v.name, v.x, half*0.95, outline)
		for i, m := range v.marks {
			// Many rounds of one arm stand beside each other, in their order.
			at := v.x + half*1.6*((float64(i)+0.5)/float64(len(v.marks))-0.5)
			if m.p50 != nil {
				p.SmallDot(v.arm.style, chart.XY{X: at, Y: *m.p50}, m.name+": p50 "+quantity.Seconds(*m.p50))
			}
			if m.p99 != nil {
				wide := half * 0.5 / float64(len(v.marks))
				p.Whisker(v.arm.style, chart.XY{X: at - wide, Y: *m.p99}, chart.XY{X: at + wide, Y: *m.p99},
					m.name+": p99 "+quantity.Seconds(*m.p99))
			}
			f.Table.Rows = append(f.Table.Rows, []string{m.key, v.arm.name, words.Thousands(m.count),
				orDash(m.p50, v1alpha1.UnitSeconds), orDash(m.p99, v1alpha1.UnitSeconds)})
		}
	}
	f.plot("", p)
}
