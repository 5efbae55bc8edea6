package text

import (
	"fmt"
	"io"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/trend"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// Trend writes a line for each metric: where its ratio is now, and where it
// changed.
func Trend(out io.Writer, r trend.Result, style term.Style) error {
	return writeTrend(out, r, style, false)
}

// TrendPoints writes every session, too.
func TrendPoints(out io.Writer, r trend.Result, style term.Style) error {
	return writeTrend(out, r, style, true)
}

func writeTrend(out io.Writer, r trend.Result, style term.Style, points bool) error {
	w := tableWriter{style: style}
	for i, l := range r.Lines {
		if i > 0 && points {
			w.line("")
		}
		w.trendLine(l)
		if points {
			w.trendPoints(l)
		}
	}
	w.line("")
	w.setting(TrendLegend(r))
	for _, warning := range r.Warnings {
		w.hanging("WARN", term.Clean(warning), w.style.Yellow)
	}
	_, err := io.WriteString(out, w.text.String())
	return err
}

// TrendLegend says what a change of level is, and how often one is found wrongly.
func TrendLegend(r trend.Result) string {
	text := fmt.Sprintf("Each session is one point: its ratio to its own baseline. Changes of level: binary segmentation "+
		"by the largest t statistic with a permutation test, in series of ten sessions or more; of trends of steady systems "+
		"%.3g %% show any. A change matters beyond %.3g %%.", 100*r.FalseAlarmRatio, 100*r.MinChange)
	if r.Reference != "" {
		text += fmt.Sprintf(" The newest sessions, up to 3, are held against run %s.", r.Reference)
	}
	return term.Clean(text)
}

func (w *tableWriter) trendLine(l trend.Line) {
	m, _ := metric.Find(l.Metric)
	label := strings.ToUpper(string(l.Word))
	paint := map[trend.Word]func(string) string{trend.Worse: w.style.Red, trend.Better: w.style.Green,
		trend.Steady: w.style.Bold, trend.Unknown: w.style.Yellow}[l.Word]
	now := l.Segments[len(l.Segments)-1]
	text := fmt.Sprintf("%s of %s in %s, %s: %s over %s", m.Label, l.Arm, l.Experiment, l.Level,
		ratioText(now.Ratio), words.Count(now.Sessions, "session", "sessions"))
	if now.Change != nil {
		text += fmt.Sprintf(", x%s what it was before %s%s", quantity.Times(*now.Change), now.From, versions(l, now.From))
	}
	if l.SinceReference != nil {
		text += fmt.Sprintf("; %s that of the reference", ratioText(*l.SinceReference))
	}
	if l.Reason != "" {
		text += "; " + l.Reason
	}
	w.hanging(label, term.Clean(text), paint)
}

// versions says which version of the mesh came with a run, where it is another one.
func versions(l trend.Line, run string) string {
	for i, p := range l.Points {
		if p.Run == run && i > 0 && p.Mesh != l.Points[i-1].Mesh {
			return fmt.Sprintf(", which brought %s after %s", orUnknown(p.Mesh), orUnknown(l.Points[i-1].Mesh))
		}
	}
	return ""
}

func orUnknown(version string) string {
	if version == "" {
		return "an unknown version"
	}
	return version
}

func (w *tableWriter) trendPoints(l trend.Line) {
	first := map[string]bool{}
	for _, s := range l.Segments[1:] {
		first[s.From] = true
	}
	g := grid{left: []bool{true, true, true, true}}
	g.lines = append(g.lines, []cell{{text: "  RUN"}, {text: "DATE"}, {text: "MESH"}, {text: "RATIO"}})
	for _, p := range l.Points {
		mark := "  "
		if first[p.Run] {
			mark = "> "
		}
		g.lines = append(g.lines, []cell{{text: mark + term.Clean(p.Run)}, {text: p.At.UTC().Format("2006-01-02")},
			{text: term.Clean(p.Mesh)}, {text: ratioText(p.Ratio)}})
	}
	w.grid(g)
}
