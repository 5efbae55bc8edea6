package text

import (
	"fmt"
	"io"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/pool"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/view"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// Pool writes several reports of one experiment as one.
func Pool(out io.Writer, r pool.Result, style term.Style) error {
	w := tableWriter{style: style}
	at, g := "", grid{}
	flush := func() {
		if len(g.lines) > 1 {
			w.grid(g)
		}
	}
	for _, p := range r.Pooled {
		if title := term.Clean(p.Experiment + "  " + p.Level); title != at {
			flush()
			if at != "" {
				w.line("")
			}
			w.line("%s", w.style.Bold(title))
			at, g = title, grid{left: []bool{true, true, true}}
			var titles []cell
			for _, t := range []string{"METRIC", "ARM", "RATIO", "ROUNDS DIFFER", "SESSIONS DIFFER", "SESSIONS"} {
				titles = append(titles, cell{t, w.style.Bold})
			}
			g.lines = append(g.lines, titles)
		}
		m, _ := metric.Find(p.Metric)
		ratio := w.withInterval(cell{pooledLead(p), w.paintOf(view.Entry{Conclusion: p.Conclusion}, m)},
			quantity.Interval(p.Ratio, quantity.Times),
			beside)[0]
		g.lines = append(g.lines, []cell{{text: m.Column}, {text: term.Clean(p.Arm)}, ratio, {text: share(p.WithinRatio)},
			{text: share(p.BetweenRatio)}, {text: fmt.Sprint(len(p.Sessions))}})
		if len(p.Sessions) < 4 {
			for _, s := range p.Sessions {
				g.lines = append(g.lines, []cell{{}, {text: "  " + term.Clean(s.Run), paint: w.style.Dim},
					{text: ratioText(s.Ratio), paint: w.style.Dim}})
			}
		}
	}
	flush()
	w.line("")
	w.setting("RATIO is the geometric mean over sessions of each session's ratio to its own baseline, with a 95 % " +
		"interval over sessions from four on; fewer are shown without a verdict. DIFFER: the deviation of rounds within a " +
		"session, and of sessions beyond what their rounds explain. Where sessions differ more, more sessions help, " +
		"else more rounds.")
	if r.Tests > 0 {
		w.setting(fmt.Sprintf("Ratios judged together: %d. At most 5 %% of such tables claim one where there is none.",
			r.Tests))
	}
	for _, warning := range r.Warnings {
		w.hanging("WARN", term.Clean(warning), w.style.Yellow)
	}
	_, err := io.WriteString(out, w.text.String())
	return err
}

func pooledLead(p pool.Pooled) string {
	switch p.Conclusion {
	case v1alpha1.ConclusionNone:
		return "~"
	case v1alpha1.ConclusionInconclusive:
		return "x" + quantity.Times(p.Ratio.Value) + ", inconclusive"
	}
	return "x" + quantity.Times(p.Ratio.Value)
}

// ratioText is a ratio with its interval behind it, if it has one.
func ratioText(e v1alpha1.Estimate) string {
	point, interval := quantity.Ratio(e)
	return quantity.Within(point, "(", interval, ")")
}

func share(v *float64) string {
	if v == nil {
		return "-"
	}
	return quantity.Percent(*v)
}
