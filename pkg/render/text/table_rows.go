package text

import (
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/view"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// cell is a text and how to paint it.
type cell struct {
	text  string
	paint func(string) string
}

func (w *tableWriter) titles(b view.Block, totals bool) []cell {
	titles := []cell{{text: "ARM", paint: w.style.Bold}}
	for _, c := range b.Columns {
		titles = append(titles, cell{text: c.Column, paint: w.style.Bold})
	}
	if totals {
		for _, title := range []string{"REQUESTS", "ROUNDS", "BOTTLENECK"} {
			titles = append(titles, cell{text: title, paint: w.style.Bold})
		}
	}
	return titles
}

func (w *tableWriter) rowLines(r view.Row, b view.Block, totals bool) [][]cell {
	name := cell{text: term.Clean(r.Arm.Name), paint: w.style.Bold}
	if len(r.Cell.Values) == 0 || r.Cell.Rounds == 0 {
		return [][]cell{{name, {text: "no data", paint: w.style.Yellow}}}
	}
	if r.Arm.Role == v1alpha1.RoleBaseline {
		line := []cell{name}
		for _, c := range b.Columns {
			line = append(line, cell{text: w.absolute(r.Entries[c.Name])})
		}
		lines := [][]cell{w.totals(line, r, totals)}
		rounds := []cell{{}}
		for _, c := range b.Columns {
			rounds = append(rounds, cell{text: r.Entries[c.Name].Rounds, paint: w.style.Dim})
		}
		if !blank(rounds) {
			lines, w.ranges = append(lines, rounds), true
		}
		if r.Cell.Void {
			lines = append(lines, []cell{{text: "  void", paint: w.style.Red}})
		}
		return lines
	}
	lead, interval, absolute := []cell{name}, []cell{{}}, []cell{{}}
	var difference, pValue []cell
	difference, pValue = append(difference, cell{}), append(pValue, cell{})
	for _, c := range b.Columns {
		e := r.Entries[c.Name]
		if c.OneSample {
			e.Lead, e.Interval, e.Difference, e.PValue = "", "", "", ""
		}
		w.inconclusive = w.inconclusive || e.Lead == "inconclusive" && e.Conclusion == v1alpha1.ConclusionInconclusive
		lead = append(lead, cell{text: e.Lead, paint: w.paintOf(e, c)})
		if e.Interval == view.OneRound {
			e.Interval, w.single = "1 round", true // the legend says the rest
		}
		interval = append(interval, cell{text: e.Interval, paint: w.style.Dim})
		absolute = append(absolute, cell{text: w.absolute(e), paint: w.style.Dim})
		difference = append(difference, cell{text: e.Difference, paint: w.style.Dim})
		pValue = append(pValue, cell{text: e.PValue, paint: w.style.Dim})
	}
	lines := [][]cell{w.totals(lead, r, totals), interval}
	if w.wide {
		lines = append(lines, pValue, difference)
	}
	lines = append(lines, absolute)
	var kept [][]cell
	for i, line := range lines {
		if i == 0 || !blank(line) {
			kept = append(kept, line)
		}
	}
	return kept
}

// absolute keeps columns narrow: the legend says what n/a means.
func (w *tableWriter) absolute(e view.Entry) string {
	if e.Missing && strings.HasPrefix(e.Absolute, "n/a") {
		w.refused = true
		return "n/a"
	}
	return e.Absolute
}

func (w *tableWriter) totals(line []cell, r view.Row, totals bool) []cell {
	if !totals {
		return line
	}
	bottleneck := "n/a"
	if b := r.Cell.Bottleneck; b != nil {
		bottleneck = string(b.At)
	}
	return append(line, cell{text: words.Thousands(r.Cell.Requests)}, cell{text: fmt.Sprint(r.Cell.Rounds)},
		cell{text: bottleneck})
}

func blank(line []cell) bool {
	for _, c := range line {
		if c.text != "" {
			return false
		}
	}
	return true
}

// paintOf colours what got better or worse; the words say the same.
func (w *tableWriter) paintOf(e view.Entry, m metric.Metric) func(string) string {
	worse := v1alpha1.ConclusionHigher
	if m.MoreIsBetter {
		worse = v1alpha1.ConclusionLower
	}
	switch e.Conclusion {
	case v1alpha1.ConclusionHigher, v1alpha1.ConclusionLower:
		if e.Conclusion == worse {
			return w.style.Red
		}
		return w.style.Green
	case v1alpha1.ConclusionVoid, v1alpha1.ConclusionInconclusive, v1alpha1.ConclusionOverloaded, v1alpha1.ConclusionBound:
		return w.style.Yellow
	default:
		return w.style.Bold
	}
}

// grid prints columns as wide as their widest cell, numbers to the right.
func (w *tableWriter) grid(lines [][]cell) {
	var widths []int
	for _, line := range lines {
		for i, c := range line {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], term.Len(c.text))
		}
	}
	for _, line := range lines {
		var b strings.Builder
		for i, c := range line {
			gap := strings.Repeat(" ", widths[i]-term.Len(c.text))
			text := c.text
			if c.paint != nil {
				text = c.paint(text)
			}
			if i == 0 {
				b.WriteString(text + gap)
			} else {
				b.WriteString("  " + gap + text)
			}
		}
		w.line("%s", b.String())
	}
}
