package text

import (
	"fmt"
	"io"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/price"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/view"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// Prices writes what a mesh costs as operators buy it.
func Prices(out io.Writer, s price.Sheet, style term.Style) error {
	w := tableWriter{style: style}
	for i, l := range s.Prices {
		if i > 0 {
			w.line("")
		}
		w.line("%s", w.style.Bold(term.Clean(l.Experiment)))
		w.setting(view.PriceSetting(l.Setting))
		for _, arm := range l.Arms {
			w.armPrices(arm)
		}
		if s.Ask != nil {
			w.estimates(*s.Ask, s.Estimates[i].Arms)
		}
	}
	for i, l := range s.Memory {
		if i > 0 || len(s.Prices) > 0 {
			w.line("")
		}
		w.line("%s", w.style.Bold(term.Clean(l.Experiment)+", memory"))
		w.setting(view.MemorySetting(l.Setting))
		for _, arm := range l.Arms {
			w.armMemory(arm)
		}
	}
	w.line("")
	for _, text := range []string{
		view.PriceLegend,
		"Memory is that of this cluster's configuration: it grows with the endpoints that a proxy is told of, not with " +
			"the rate.",
	} {
		w.setting(text)
	}
	_, err := io.WriteString(out, w.text.String())
	return err
}

func (w *tableWriter) armPrices(arm price.Arm) {
	name := term.Clean(arm.Name)
	if arm.Missing != "" {
		w.hanging(name+":", "no price: "+term.Clean(arm.Missing), w.style.Yellow)
	}
	for _, c := range arm.Parts {
		label := fmt.Sprintf("%s, %s", name, view.PartName(c.Part))
		switch {
		case c.Missing != "":
			w.hanging(label+":", "no price: "+term.Clean(c.Missing), w.style.Yellow)
		case c.PerThousandCores == nil:
			w.hanging(label+":", view.BentPrice(c)+":", w.style.Bold)
			w.points(c)
		default:
			w.hanging(label+":", view.StraightPrice(c), w.style.Bold)
		}
		if c.Caution != "" {
			w.setting(term.Clean(c.Caution) + ": its price may be that of the limit.")
		}
	}
}

func (w *tableWriter) armMemory(arm price.MemoryArm) {
	name := term.Clean(arm.Name)
	if arm.Missing != "" {
		w.hanging(name+":", "no price: "+term.Clean(arm.Missing), w.style.Yellow)
	}
	for _, c := range arm.Parts {
		label := fmt.Sprintf("%s, %s:", name, view.PartName(c.Part))
		switch {
		case c.Missing != "":
			w.hanging(label, "no price: "+term.Clean(c.Missing), w.style.Yellow)
		case c.PerConnectionBytes == nil:
			w.hanging(label, view.BentMemory(c)+":", w.style.Bold)
			w.memoryPoints(c)
		default:
			w.hanging(label, view.StraightMemory(c), w.style.Bold)
		}
	}
}

func (w *tableWriter) memoryPoints(c price.MemoryCost) {
	g := grid{lines: [][]cell{{{text: "  CONNECTIONS", paint: w.style.Bold}, {text: "MEMORY", paint: w.style.Bold}}},
		left: []bool{false, true}}
	for _, p := range c.Points {
		g.lines = append(g.lines, []cell{{text: "  " + view.WholeNumber(p.Connections)},
			{text: view.WithRange(p.Bytes, "MiB", view.Mebibytes)}})
	}
	w.grid(g)
}

func (w *tableWriter) points(c price.Cost) {
	g := grid{lines: [][]cell{{{text: "  RATE", paint: w.style.Bold}, {text: "CORES", paint: w.style.Bold},
		{text: "FOR 1,000/S", paint: w.style.Bold}}}, left: []bool{false, true, false}}
	for _, p := range c.Points {
		each := ""
		if p.RatePerSecond > 0 {
			each = quantity.Significant(p.PerThousandCores)
		}
		g.lines = append(g.lines, []cell{{text: "  " + quantity.Rate(p.RatePerSecond) + "/s"},
			{text: view.WithRange(p.Cores, "cores", quantity.Significant)}, {text: each}})
	}
	w.grid(g)
}

// estimates are what a system would take.
func (w *tableWriter) estimates(a price.Ask, arms []price.Estimated) {
	w.line("")
	text := fmt.Sprintf("estimate for %s requests/s, %s of calls, %s", quantity.Rate(a.PerSecond),
		plural(a.Hops, "hop"), words.Count(a.Pods, "pod", "pods"))
	if a.Nodes > 0 {
		text += ", " + words.Count(a.Nodes, "node", "nodes")
	}
	w.setting(text)
	g := grid{left: []bool{true, true, true, true, true}}
	titles := []string{"ARM", "PART", "CORES", "MEMORY"}
	if a.CorePrice != nil && a.GiBPrice != nil {
		titles = append(titles, "MONEY")
	}
	var line []cell
	for _, title := range titles {
		line = append(line, cell{title, w.style.Bold})
	}
	g.lines = append(g.lines, line)
	var notes []string
	for _, arm := range arms {
		name := term.Clean(arm.Arm)
		for _, p := range arm.Parts {
			g.lines = append(g.lines, []cell{{text: name}, {text: view.PartName(p.Part)},
				{text: estimateText(p.Cores, quantity.Significant)}, {estimateText(p.MemoryBytes, gibibytes), w.style.Dim}})
			for _, note := range []string{p.Missing, p.Note} {
				if note != "" {
					notes = append(notes, fmt.Sprintf("%s, %s: %s.", name, p.Part, note))
				}
			}
		}
		all := []cell{{text: name, paint: w.style.Bold}, {text: "all"}, {estimateText(arm.Cores, quantity.Significant),
			w.style.Bold}, {estimateText(arm.MemoryBytes, gibibytes), w.style.Bold}}
		if len(titles) > len(all) {
			all = append(all, cell{estimateText(arm.Money, quantity.Significant), w.style.Bold})
		}
		g.lines = append(g.lines, all)
	}
	w.grid(g)
	for _, note := range notes {
		w.setting(term.Clean(note))
	}
}

func gibibytes(v float64) string { return quantity.Significant(v/(1<<30)) + " GiB" }

func estimateText(e *v1alpha1.Estimate, write func(float64) string) string {
	if e == nil {
		return "-"
	}
	return quantity.Within(write(e.Value), "(", quantity.Interval(*e, write), ")")
}

func plural(n float64, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return quantity.Significant(n) + " " + word + "s"
}

// priceTables prints what the rates, or connections, of a report say of prices.
func (w *tableWriter) priceTables(r v1alpha1.Report) {
	all := view.PriceTables(r)
	for _, t := range all {
		w.line("")
		w.line("%s", w.style.Bold("price: "+t.Title))
		w.setting(t.Setting)
		for _, l := range t.Lines {
			w.hanging(l.Name+":", l.Text, w.style.Bold)
		}
	}
	if len(all) > 0 {
		w.setting(view.PriceLegend)
	}
}
