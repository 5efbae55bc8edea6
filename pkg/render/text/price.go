package text

import (
	"fmt"
	"io"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/factor"
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
		w.setting(settingOf(l.Setting))
		for _, arm := range l.Arms {
			w.armPrices(arm)
		}
		if s.Ask != nil {
			w.estimates(*s.Ask, s.Estimates[i].Arms)
		}
	}
	w.line("")
	for _, text := range []string{
		"In parentheses: 95 % intervals over the rounds of this run. They know nothing of other days, payloads and " +
			"configurations.",
		"Memory is that of this cluster's configuration: it grows with the endpoints that a proxy is told of, not with " +
			"the rate.",
	} {
		w.setting(text)
	}
	_, err := io.WriteString(out, w.text.String())
	return err
}

// settingOf says what all rates of a list have in common.
func settingOf(l v1alpha1.Level) string {
	parts := []string{string(l.Protocol), words.Count(l.Connections, "connection", "connections"), string(l.Placement)}
	for _, f := range factor.All() {
		if phrase := f.Phrase(l); phrase != "" {
			parts = append(parts, phrase)
		}
	}
	return strings.Join(parts, ", ")
}

func (w *tableWriter) armPrices(arm price.Arm) {
	name := term.Clean(arm.Name)
	if arm.Missing != "" {
		w.hanging(name+":", "no price: "+term.Clean(arm.Missing), w.style.Yellow)
	}
	for _, c := range arm.Parts {
		label := fmt.Sprintf("%s, %s", name, strings.ReplaceAll(string(c.Part), "-", " "))
		switch {
		case c.Missing != "":
			w.hanging(label+":", "no price: "+term.Clean(c.Missing), w.style.Yellow)
		case c.PerThousandCores == nil:
			w.hanging(label+":", bent(c), w.style.Bold)
			w.points(c)
		default:
			w.hanging(label+":", straight(c), w.style.Bold)
		}
		if c.Caution != "" {
			w.setting(term.Clean(c.Caution) + ": its price may be that of the limit.")
		}
	}
}

// straight is a price that goes with the rate, with its range beside it.
func straight(c price.Cost) string {
	text := withRange(*c.PerThousandCores, "cores", quantity.Significant) + " for each 1,000 requests/s" + memoryOf(c)
	if c.IdleCores != nil && c.Part != price.Kernel {
		text += ", " + withRange(*c.IdleCores, "cores", quantity.Significant) + " without load"
		if !c.IdleMeasured {
			text += " (by the line; not measured)"
		}
	}
	return text + fmt.Sprintf("; measured from %s to %s/s, %s", quantity.Rate(c.LowestPerSecond),
		quantity.Rate(c.HighestPerSecond), c.Whose)
}

// bent says why there is no formula.
func bent(c price.Cost) string {
	return fmt.Sprintf("no single price: a line is off by up to %s (%s)", quantity.Percent(c.BendRatio),
		view.PText(c.LinearityPValue)) + memoryOf(c) + "; " + c.Whose + ", as measured:"
}

func memoryOf(c price.Cost) string {
	if c.MemoryBytes == nil {
		return ""
	}
	of := " for each pod"
	if c.Part == price.NodeProxy {
		of = " for all of them"
	}
	return ", " + withRange(*c.MemoryBytes, "MiB", mebibytes) + of
}

func mebibytes(v float64) string { return quantity.Significant(v / (1 << 20)) }

// withRange is "0.35 cores (0.33..0.37)".
func withRange(e v1alpha1.Estimate, unit string, write func(float64) string) string {
	text := write(e.Value) + " " + unit
	if e.Low != nil && e.High != nil {
		text += " (" + write(*e.Low) + ".." + write(*e.High) + ")"
	}
	return text
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
			{text: withRange(p.Cores, "cores", quantity.Significant)}, {text: each}})
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
			g.lines = append(g.lines, []cell{{text: name}, {text: strings.ReplaceAll(string(p.Part), "-", " ")},
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
	text := write(e.Value)
	if e.Low != nil && e.High != nil {
		text += " (" + write(*e.Low) + ".." + write(*e.High) + ")"
	}
	return text
}

func plural(n float64, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return quantity.Significant(n) + " " + word + "s"
}
