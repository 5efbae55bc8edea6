package page

import (
	"fmt"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/chart"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

// hasResources reports whether any trial measured what containers or nodes used.
func hasResources(r v1alpha1.Report) bool {
	for _, t := range r.Trials {
		if t.Resources != nil && len(t.Resources.Containers)+len(t.Resources.Nodes) > 0 {
			return true
		}
	}
	return false
}

// usageCourses are an arm's rounds of one part over the window.
func usageCourses(d levelData, part int, of func(partSeries) []sample) map[string][]course {
	all := map[string][]course{}
	for _, a := range d.arms {
		var values []sample
		for _, parts := range a.used {
			values = append(values, of(parts[part])...)
		}
		all[a.name] = summary(values)
	}
	return all
}

// usageHeight is of plots that stand in a row.
const usageHeight = 170

const usageNote = "Lines are the median of the rounds in each second, bands reach from the lowest to the highest round."

// cpuFigure shows processors in use over the window, one plot per part.
func cpuFigure(d levelData) figure {
	f := figure{Title: "CPU over the window", Keys: keys(d.arms),
		Note: usageNote + " The table takes off what was used before there was load, of all but our own pods."}
	f.Table.Head = []string{"part", "arm", "CPU, mean over rounds", "rounds", "not measured"}
	for i, part := range useParts() {
		all := usageCourses(d, i, func(p partSeries) []sample { return p.cores })
		f.plot(words.Capital(part.name),
			timePlot("CPU of "+part.name+" over the window", usageHeight, d.arms, all, "", "processors in use", true))
		for _, a := range d.arms {
			if part.cost == "" {
				if mean, _, rounds := sumUp(a, i, func(p partSeries) []sample { return p.cores }); rounds > 0 {
					f.Table.Rows = append(f.Table.Rows,
						[]string{part.name, a.name, quantity.Significant(mean) + " processors", fmt.Sprint(rounds), ""})
				}
			} else if v, ok := usageOf(a, v1alpha1.Cores(part.cost)); ok {
				f.Table.Rows = append(f.Table.Rows,
					[]string{part.name, a.name, suffixed(orDash(v.Value, ""), " processors"), fmt.Sprint(len(v.PerRound)),
						term.Clean(v.Missing)})
			}
		}
	}
	return f
}

// memoryFigure shows memory over the window, one plot per part.
func memoryFigure(d levelData) figure {
	f := figure{Title: "Memory over the window",
		Note: usageNote + " It is the working set, or, seen from within a pod, the resident set.", Keys: keys(d.arms)}
	f.Table.Head = []string{"part", "arm", "mean", "most", "rounds"}
	for i, part := range useParts() {
		all := usageCourses(d, i, func(p partSeries) []sample { return p.memoryBytes })
		f.plot(words.Capital(part.name), memoryPlot(part.name, d.arms, all))
		for _, a := range d.arms {
			if part.cost == "" {
				if mean, most, rounds := sumUp(a, i, func(p partSeries) []sample { return p.memoryBytes }); rounds > 0 {
					f.Table.Rows = append(f.Table.Rows,
						[]string{part.name, a.name, bytesText(mean), bytesText(most), fmt.Sprint(rounds)})
				}
				continue
			}
			v, _ := usageOf(a, v1alpha1.MemoryMean(part.cost))
			if v.Value == nil {
				continue
			}
			most := 0.0
			highest, _ := usageOf(a, v1alpha1.MemoryMax(part.cost))
			for _, r := range highest.PerRound {
				most = max(most, r.Value)
			}
			f.Table.Rows = append(f.Table.Rows,
				[]string{part.name, a.name, bytesText(*v.Value), bytesText(most), fmt.Sprint(len(v.PerRound))})
		}
	}
	return f
}

// usageOf is what the analysis tells of a part of an arm; ok is false where
// nothing of the kind exists.
func usageOf(a armData, m v1alpha1.Metric) (v v1alpha1.MetricValue, ok bool) {
	v, ok = report.Value(a.row.Cell, m)
	return v, ok && v.Missing != resource.NoContainer
}

// sumUp sums up the seconds of a part that the analysis does not tell apart: the
// mean over those rounds that have any, and the most in any second.
func sumUp(a armData, part int, of func(partSeries) []sample) (mean, most float64, rounds int) {
	for _, parts := range a.used {
		all := of(parts[part])
		if len(all) == 0 {
			continue
		}
		sum := 0.0
		for _, s := range all {
			sum, most = sum+s.value, max(most, s.value)
		}
		mean, rounds = mean+sum/float64(len(all)), rounds+1
	}
	return mean / float64(max(rounds, 1)), most, rounds
}

func suffixed(text, unit string) string {
	if text == "–" {
		return text
	}
	return text + unit
}

// memoryPlot draws memory in the power of 1024 that suits its largest value, so
// that ticks are round.
func memoryPlot(part string, arms []armData, all map[string][]course) *chart.Plot {
	most := 0.0
	for _, a := range arms {
		for _, c := range all[a.name] {
			most = max(most, c.high)
		}
	}
	unit, size := "MiB", float64(1<<20)
	if most >= 2<<30 {
		unit, size = "GiB", 1<<30
	}
	scaled := map[string][]course{}
	for name, one := range all {
		for _, c := range one {
			scaled[name] = append(scaled[name], course{c.offset, c.median / size, c.low / size, c.high / size})
		}
	}
	return timePlot("Memory of "+part+" over the window", usageHeight, arms, scaled, "", unit, true)
}

// costFigure shows what 1,000 requests cost, split by who spent it.
func costFigure(d levelData) figure {
	f := figure{Title: "CPU for 1,000 requests",
		Note: "Who spent the CPU-milliseconds of CPU/1K. Unattributed is what the nodes used beyond all of the others: the kernel, such as for networking. A part that was not measured is missing from its bar; the table says why."}
	f.Table.Head = []string{"arm", "part", "CPU-ms for 1,000 requests", "rounds", "not measured"}
	type segment struct {
		arm      int
		part     int
		from, to float64
	}
	var segments []segment
	var names []string
	var ends []float64
	parts := useParts()
	for i, a := range d.arms {
		names = append(names, a.name)
		end := 0.0
		for k, part := range parts {
			v, ok := usageOf(a, v1alpha1.CPUPer1000(part.cost))
			if !ok {
				continue
			}
			f.Table.Rows = append(f.Table.Rows,
				[]string{a.name, part.name, orDash(v.Value, v1alpha1.UnitCPUPer1000), fmt.Sprint(len(v.PerRound)),
					term.Clean(v.Missing)})
			if v.Value != nil && *v.Value > 0 && part.within {
				segments = append(segments, segment{i, k, end, end + *v.Value})
				end += *v.Value
			}
		}
		ends = append(ends, end)
	}
	x, ok := chart.FromZero(ends...)
	if !ok {
		return f
	}
	x.High *= 1.3 // the sum is written behind the bar
	y, at := rowsAxis(names)
	p := chart.New("CPU for 1,000 requests by part", 70+34*float64(len(names)),
		chart.Axis{Scale: x, Label: "CPU-milliseconds for 1,000 requests", Format: number}, y)
	drawn := map[int]bool{}
	for _, s := range segments {
		row := at(float64(s.arm))
		swatch := parts[s.part].look
		p.Bar(swatch.Style, swatch.Pattern, chart.XY{X: s.from, Y: row - 0.32}, chart.XY{X: s.to, Y: row + 0.32},
			fmt.Sprintf("%s, %s: %s CPU-ms for 1,000 requests", d.arms[s.arm].name, parts[s.part].name,
				quantity.Significant(s.to-s.from)))
		drawn[s.part] = true
	}
	for i, end := range ends {
		if end > 0 {
			p.Label(chart.XY{X: end, Y: at(float64(i))}, quantity.Rate(end))
		}
	}
	for k, part := range parts {
		if drawn[k] {
			f.Parts = append(f.Parts, legendPart{part.look, part.name})
		}
	}
	f.plot("", p)
	return f
}
