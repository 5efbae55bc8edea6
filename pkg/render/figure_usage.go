package render

import (
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/chart"
	"github.com/meshbench/kubectl-meshbench/pkg/term"
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
func usageCourses(d levelData, part usePart, of func(use) map[int]float64) map[string][]course {
	all := map[string][]course{}
	for _, a := range d.arms {
		var c courses
		for _, t := range a.trials {
			c = append(c, of(useOf(t, part)))
		}
		all[a.name] = c.summary()
	}
	return all
}

// usageHeight is of plots that stand in a row.
const usageHeight = 170

const usageNote = "Lines are the median of the rounds in each second, bands reach from the lowest to the highest round."

// cpuFigure shows processors in use over the window, one plot per part.
func cpuFigure(d levelData) figure {
	f := figure{Title: "CPU over the window", Note: usageNote, Keys: keys(d.arms)}
	f.Table.Head = []string{"part", "arm", "CPU, mean over rounds", "rounds", "not measured"}
	for _, part := range useParts() {
		all := usageCourses(d, part, func(u use) map[int]float64 { return u.cpuCores })
		f.plot(title(part.name), timePlot("CPU of "+part.name+" over the window", usageHeight, d.arms, all, "", "processors in use", true))
		for _, a := range d.arms {
			var cores []float64
			present := false
			for _, t := range a.trials {
				u := useOf(t, part)
				present = present || u.present
				if u.cpuSeconds != nil {
					cores = append(cores, *u.cpuSeconds/t.Window.Seconds)
				}
			}
			if present {
				f.Table.Rows = append(f.Table.Rows, []string{part.name, a.name, meanText(cores, func(v float64) string { return significant(v) + " processors" }),
					fmt.Sprint(len(cores)), reasons(a, part)})
			}
		}
	}
	return f
}

// memoryFigure shows memory over the window, one plot per part.
func memoryFigure(d levelData) figure {
	f := figure{Title: "Memory over the window", Note: usageNote + " It is the working set, or, seen from within a pod, the resident set.", Keys: keys(d.arms)}
	f.Table.Head = []string{"part", "arm", "mean", "most", "rounds"}
	for _, part := range useParts() {
		all := usageCourses(d, part, func(u use) map[int]float64 { return u.memoryBytes })
		f.plot(title(part.name), memoryPlot(part.name, d.arms, all))
		for _, a := range d.arms {
			var mean []float64
			most := 0.0
			for _, t := range a.trials {
				if u := useOf(t, part); u.memoryMeanBytes != nil {
					mean = append(mean, *u.memoryMeanBytes)
					if u.memoryMaxBytes != nil {
						most = max(most, *u.memoryMaxBytes)
					}
				}
			}
			if len(mean) > 0 {
				f.Table.Rows = append(f.Table.Rows, []string{part.name, a.name, meanText(mean, bytesText), bytesText(most), fmt.Sprint(len(mean))})
			}
		}
	}
	return f
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

func meanText(values []float64, text func(float64) string) string {
	if len(values) == 0 {
		return "–"
	}
	var sum float64
	for _, v := range values {
		sum += v
	}
	return text(sum / float64(len(values)))
}

// reasons joins why a part of an arm was not measured.
func reasons(a armData, part usePart) string {
	const most = 3
	all := unmeasured(a.trials, part)
	if len(all) > most {
		all = append(all[:most:most], fmt.Sprintf("and %d more", len(all)-most))
	}
	return term.Clean(strings.Join(all, "; "))
}

// costFigure shows what 1,000 requests cost, split by who spent it.
func costFigure(d levelData) figure {
	f := figure{Title: "CPU per 1 000 requests", Note: "CPU-milliseconds of everything on the requests' way. A part that was not measured is missing from its bar; the table says why."}
	f.Table.Head = []string{"arm", "part", "CPU-ms per 1 000 requests", "rounds", "not measured"}
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
			v, rounds := perThousand(a.trials, part)
			why := reasons(a, part)
			if v == nil && why == "" {
				continue
			}
			f.Table.Rows = append(f.Table.Rows, []string{a.name, part.name, orDash(v, ""), fmt.Sprint(rounds), why})
			if v != nil && *v > 0 && part.onPath {
				segments = append(segments, segment{i, k, end, end + *v})
				end += *v
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
	p := chart.New("CPU per 1 000 requests by part", 70+34*float64(len(names)), chart.Axis{Scale: x, Label: "CPU-milliseconds per 1 000 requests", Format: number}, y)
	drawn := map[int]bool{}
	for _, s := range segments {
		row := at(float64(s.arm))
		swatch := partSwatch(s.part)
		p.Bar(swatch.Style, swatch.Pattern, chart.XY{X: s.from, Y: row - 0.32}, chart.XY{X: s.to, Y: row + 0.32},
			fmt.Sprintf("%s, %s: %s CPU-ms per 1 000 requests", d.arms[s.arm].name, parts[s.part].name, significant(s.to-s.from)))
		drawn[s.part] = true
	}
	for i, end := range ends {
		if end > 0 {
			p.Label(chart.XY{X: end, Y: at(float64(i))}, rate(end))
		}
	}
	for k, part := range parts {
		if drawn[k] {
			f.Parts = append(f.Parts, legendPart{partSwatch(k), part.name})
		}
	}
	f.plot("", p)
	return f
}

// partSwatch is how a part's bar looks: proxies are hatched.
func partSwatch(part int) chart.Bar {
	return []chart.Bar{
		{Style: 0}, {Style: 1, Pattern: 1}, {Style: 2, Pattern: 2}, {Style: 6}, {Style: 3, Pattern: 1}, {Style: 4, Pattern: 2}, {Style: 5}, {Style: 0}, {Style: 0},
	}[part]
}
