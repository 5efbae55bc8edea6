package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/term"
)

// column is one metric of a table.
type column struct {
	title  string
	metric v1alpha1.Metric
	// compared columns show a ratio; the largest of all samples never does, it
	// is one request.
	compared bool
}

func columns() []column {
	return []column{
		{"RPS", v1alpha1.MetricThroughput, true},
		{"P50", v1alpha1.MetricP50, true},
		{"P90", v1alpha1.MetricP90, true},
		{"P99", v1alpha1.MetricP99, true},
		{"P99.9", v1alpha1.MetricP999, true},
		{"MAX", v1alpha1.MetricMax, false},
		{"ERRORS", v1alpha1.MetricErrors, true},
		{"CPU/1K", v1alpha1.CPUPer1000(v1alpha1.CostTotal), true},
	}
}

func wideColumns() []column {
	c := columns()
	wide := append([]column{c[0], {"MEAN", v1alpha1.MetricMean, true}}, c[1:5]...)
	return append(append(wide, column{"P99.99", v1alpha1.MetricP9999, true}), c[5:]...)
}

func writeTable(out io.Writer, r v1alpha1.Report, style term.Style) error {
	return tableWriter{style: style}.write(out, r)
}

func writeWide(out io.Writer, r v1alpha1.Report, style term.Style) error {
	return tableWriter{style: style, wide: true}.write(out, r)
}

// tableWriter lays out text. Nothing is written before all of it is made, so a
// reader never sees half a table.
type tableWriter struct {
	style term.Style
	wide  bool
	text  strings.Builder
	// refused is set when a percentile has too few samples, and costs when
	// there is a column of CPU time.
	refused, costs bool
}

func (w tableWriter) write(out io.Writer, r v1alpha1.Report) error {
	w.header(r)
	for _, p := range panels(r) {
		w.panel(p)
	}
	w.searches(r)
	w.legend(r)
	w.verdicts(r)
	w.findings(r)
	_, err := io.WriteString(out, w.text.String())
	return err
}

func (w *tableWriter) line(format string, args ...any) {
	w.text.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n")
}

func (w *tableWriter) header(r v1alpha1.Report) {
	const indent = 10
	all := facts(r)
	if w.wide {
		all = append(all, meshFacts(r)...)
	}
	for _, f := range all {
		name := w.style.Dim(pad(f.Name, indent))
		if f.Name == "stopped" {
			name = w.style.Yellow(pad(f.Name, indent))
		}
		for i, part := range term.Wrap(f.Text, w.style.Width()-indent) {
			if i > 0 {
				name = pad("", indent)
			}
			w.line("%s%s", name, part)
		}
	}
}

// panel prints per arm what leads, its interval, and what it is relative to.
func (w *tableWriter) panel(p panel) {
	w.line("")
	title := p.experiment.Metadata.Name
	if p.level.ID != "default" {
		title += "  " + p.level.ID
	}
	w.line("%s", w.style.Bold(term.Clean(title)))
	w.setting(setting(p))
	first := block{columns: shown(columns(), p)}
	if w.wide {
		first.columns = shown(wideColumns(), p)
	}
	w.block(first, p, w.wide)
	if w.wide {
		for _, b := range costBlocks(p) {
			w.line("")
			w.line("%s", w.style.Dim(b.title))
			w.block(b, p, false)
		}
		w.bottlenecks(p)
	}
}

// block prints one table of a panel; the first has what was done to get it.
func (w *tableWriter) block(b block, p panel, totals bool) {
	grid := [][]cell{w.titles(b, totals)}
	for _, r := range p.rows {
		grid = append(grid, w.rowLines(r, b, totals)...)
	}
	w.grid(grid)
	w.costs = w.costs || slices.ContainsFunc(b.columns, func(c column) bool { return c.metric == v1alpha1.CPUPer1000(v1alpha1.CostTotal) })
}

// bottlenecks says why each arm's is called what the table calls it.
func (w *tableWriter) bottlenecks(p panel) {
	said := false
	for _, r := range p.rows {
		if r.cell.Bottleneck == nil {
			continue
		}
		if !said {
			w.line("")
			said = true
		}
		text := fmt.Sprintf("bottleneck of %s: %s: %s", r.arm.Name, r.cell.Bottleneck.At, r.cell.Bottleneck.Evidence)
		for _, part := range term.Wrap(term.Clean(text), w.style.Width()) {
			w.line("%s", w.style.Dim(part))
		}
	}
}

func (w *tableWriter) setting(text string) {
	for _, part := range term.Wrap(term.Clean(text), w.style.Width()) {
		w.line("%s", w.style.Dim(part))
	}
}

// cell is a text and how to paint it.
type cell struct {
	text  string
	paint func(string) string
}

func (w *tableWriter) titles(b block, totals bool) []cell {
	titles := []cell{{text: "ARM", paint: w.style.Bold}}
	for _, c := range b.columns {
		titles = append(titles, cell{text: c.title, paint: w.style.Bold})
	}
	if totals {
		for _, title := range []string{"REQUESTS", "ROUNDS", "BOTTLENECK"} {
			titles = append(titles, cell{text: title, paint: w.style.Bold})
		}
	}
	return titles
}

func (w *tableWriter) rowLines(r row, b block, totals bool) [][]cell {
	name := cell{text: term.Clean(r.arm.Name), paint: w.style.Bold}
	if len(r.cell.Values) == 0 || r.cell.Rounds == 0 {
		return [][]cell{{name, {text: "no data", paint: w.style.Yellow}}}
	}
	if r.arm.Role == v1alpha1.RoleBaseline {
		line := []cell{name}
		for _, c := range b.columns {
			line = append(line, cell{text: w.absolute(r.entries[c.metric])})
		}
		lines := [][]cell{w.totals(line, r, totals)}
		if r.cell.Void {
			lines = append(lines, []cell{{text: "  void", paint: w.style.Red}})
		}
		return lines
	}
	lead, interval, absolute := []cell{name}, []cell{{}}, []cell{{}}
	var difference, pValue []cell
	difference, pValue = append(difference, cell{}), append(pValue, cell{})
	for _, c := range b.columns {
		e := r.entries[c.metric]
		if !c.compared {
			e.verdict, e.interval, e.difference, e.pValue = "", "", "", ""
		}
		lead = append(lead, cell{text: e.verdict, paint: w.paintOf(e, c.metric)})
		interval = append(interval, cell{text: e.interval, paint: w.style.Dim})
		absolute = append(absolute, cell{text: w.absolute(e), paint: w.style.Dim})
		difference = append(difference, cell{text: e.difference, paint: w.style.Dim})
		pValue = append(pValue, cell{text: e.pValue, paint: w.style.Dim})
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
func (w *tableWriter) absolute(e entry) string {
	if e.missing && strings.HasPrefix(e.absolute, "n/a") {
		w.refused = true
		return "n/a"
	}
	return e.absolute
}

func (w *tableWriter) totals(line []cell, r row, totals bool) []cell {
	if !totals {
		return line
	}
	bottleneck := "n/a"
	if b := r.cell.Bottleneck; b != nil {
		bottleneck = string(b.At)
	}
	return append(line, cell{text: count(r.cell.Requests)}, cell{text: fmt.Sprint(r.cell.Rounds)}, cell{text: bottleneck})
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
func (w *tableWriter) paintOf(e entry, m v1alpha1.Metric) func(string) string {
	worse := v1alpha1.EvidenceHigher
	if m == v1alpha1.MetricThroughput {
		worse = v1alpha1.EvidenceLower
	}
	switch e.evidence {
	case v1alpha1.EvidenceHigher, v1alpha1.EvidenceLower:
		if e.evidence == worse {
			return w.style.Red
		}
		return w.style.Green
	case v1alpha1.EvidenceVoid, v1alpha1.EvidenceInconclusive:
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

func (w *tableWriter) legend(r v1alpha1.Report) {
	intervals, inconclusive := false, false
	for _, c := range r.Comparisons {
		intervals = intervals || c.Ratio != nil && c.Ratio.Low != nil
		inconclusive = inconclusive || c.Evidence == v1alpha1.EvidenceInconclusive && c.Pairs > 0
	}
	var lines []string
	if intervals {
		lines = append(lines, "x0.71 is the ratio to the baseline of the same round, with its 95 % interval below it; ~ is not distinguishable from it.")
	}
	if inconclusive {
		lines = append(lines, "inconclusive: fewer than 4 rounds have both values, too few to tell a difference from chance.")
	}
	if w.costs {
		lines = append(lines, "CPU/1K is the CPU time of all nodes of a trial for 1 000 requests; -o wide splits it by who spent it.")
	}
	if w.refused {
		lines = append(lines, "n/a: fewer than 10 samples lie above that percentile (p99 needs 1 000 requests, p99.9 needs 10 000, p99.99 needs 100 000).")
	}
	if len(r.Searches) > 0 {
		lines = append(lines, searchLegend)
	}
	if len(lines) > 0 {
		w.line("")
	}
	for _, line := range lines {
		for _, part := range term.Wrap(line, w.style.Width()) {
			w.line("%s", w.style.Dim(part))
		}
	}
}

// verdicts prints what became of each objective.
func (w *tableWriter) verdicts(r v1alpha1.Report) {
	if len(r.Verdicts) > 0 {
		w.line("")
	}
	for _, v := range r.Verdicts {
		label := strings.ToUpper(string(v.Result))
		paint := map[v1alpha1.VerdictResult]func(string) string{
			v1alpha1.VerdictPass: w.style.Green, v1alpha1.VerdictFail: w.style.Red, v1alpha1.VerdictInconclusive: w.style.Yellow,
		}[v.Result]
		if paint == nil {
			paint = w.style.Bold
		}
		where := scopeOf(v1alpha1.Finding{Experiment: v.Experiment, Level: v.Level, Arm: v.Arm}, len(r.Experiments))
		w.line("%s", paint(term.Clean(label))+"  "+term.Clean(fmt.Sprintf("%s: %s: %s", where, v.SLO, v.Evidence)))
	}
}

func (w *tableWriter) findings(r v1alpha1.Report) {
	all := notes(r)
	if len(all) > 0 {
		w.line("")
	}
	for _, n := range all {
		text := n.Text
		if n.Scope != "" {
			text = n.Scope + ": " + text
		}
		paint := map[v1alpha1.Severity]func(string) string{v1alpha1.SeverityVoid: w.style.Red, v1alpha1.SeverityWarn: w.style.Yellow}[n.Severity]
		if paint == nil {
			paint = w.style.Dim
		}
		for i, part := range term.Wrap(n.Label+"  "+text, w.style.Width()-2) {
			if i == 0 {
				part = paint(n.Label) + strings.TrimPrefix(part, n.Label)
			} else {
				part = "  " + part
			}
			w.line("%s", part)
		}
	}
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-term.Len(text)))
}
