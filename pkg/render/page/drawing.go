package page

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"io"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/chart"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/view"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

// Drawing is one figure as an SVG that stands alone: with its title, legend,
// caption and the run it is of, on white.
type Drawing struct {
	Name  string
	Write func(io.Writer) error
}

// Drawings are all figures of a report, named by experiment, level and number.
func Drawings(r v1alpha1.Report) ([]Drawing, error) {
	set, err := chart.Define(template.New("drawings"))
	if err != nil {
		return nil, err
	}
	var out []Drawing
	add := func(where string, all []figure) {
		for i, f := range all {
			for k, p := range f.Plots {
				name := fmt.Sprintf("%s-%02d-%s", fileName(where), i+1, fileName(f.Title))
				if len(f.Plots) > 1 {
					name += fmt.Sprintf("-%d-%s", k+1, fileName(p.Caption))
				}
				d := drawing{set: set, figure: f, plot: p, where: where, run: term.Clean(r.Run.ID)}
				out = append(out, Drawing{Name: name + ".svg", Write: d.write})
			}
		}
	}
	index := report.IndexOf(r)
	for _, e := range byExperiment(view.Panels(r)) {
		name := term.Clean(e.experiment.Metadata.Name)
		var levels []levelData
		for _, p := range e.panels {
			levels = append(levels, levelDataOf(index, p))
		}
		add(name, append(sweepFigures(e.panels, detailed()), levelViolinFigures(levels)...))
		for i, p := range e.panels {
			where := name
			if level := levelName(p); level != "" {
				where += " " + level
			}
			add(where, append(figures(index, levels[i], false), boxFigure(levels[i])))
		}
	}
	return out, nil
}

// fileName is a text as a part of a file's name: letters, digits and dashes.
func fileName(text string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(text) {
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			b.WriteRune(c)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	const longest = 60
	return strings.Trim(b.String()[:min(b.Len(), longest)], "-")
}

type drawing struct {
	set        *template.Template
	figure     figure
	plot       captioned
	where, run string
}

const (
	drawingHead  = 20.0 // room for the title
	drawingLine  = 14.0
	drawingWraps = 78 // letters of a line of the caption
)

// write puts the plot between its title and its legend and caption.
func (d drawing) write(out io.Writer) error {
	var inner bytes.Buffer
	if err := d.set.ExecuteTemplate(&inner, "plot", d.plot.Plot); err != nil {
		return err
	}
	_, marks, _ := strings.Cut(inner.String(), ">") // without the element around it
	marks = strings.TrimSuffix(marks, "</svg>")
	title := d.where + ": " + d.figure.Title
	if d.plot.Caption != "" {
		title += ", " + d.plot.Caption
	}
	y := drawingHead + d.plot.Plot.Height + drawingLine
	legend, y := d.legend(y)
	var caption strings.Builder
	for _, line := range append(term.Wrap(d.figure.Note, drawingWraps), "kubectl meshbench, run "+d.run) {
		fmt.Fprintf(&caption, `<text x="4" y="%g">%s</text>`+"\n", y, html.EscapeString(line))
		y += drawingLine
	}
	_, err := fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" width="%g" height="%g">
<title>%s</title>
<style>%s</style>
<defs><pattern id="hatch1" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">`+
		`<path class="stroke" d="M0 0V6"/></pattern><pattern id="hatch2" width="6" height="6" patternUnits="userSpaceOnUse" `+
		`patternTransform="rotate(-45)"><path class="stroke" d="M0 0V6"/></pattern></defs>
<rect width="%g" height="%g" fill="#fff"/>
<text class="head" x="4" y="14">%s</text>
<g transform="translate(0 %g)">%s</g>
%s%s</svg>
`, chart.Width, y, 2*chart.Width, 2*y, html.EscapeString(title), drawingStyle(), chart.Width, y,
		html.EscapeString(title), drawingHead, marks, legend, caption.String())
	return err
}

// legend names arms and parts, as many in a line as fit.
func (d drawing) legend(y float64) (string, float64) {
	var b strings.Builder
	const perLetter, mark = 5.6, 34.0
	x := 4.0
	next := func(name string) float64 {
		if x > 4 && x+mark+perLetter*float64(term.Len(name)) > chart.Width {
			x, y = 4, y+drawingLine
		}
		at := x
		x += mark + perLetter*float64(term.Len(name)) + 10
		return at
	}
	for _, k := range d.figure.Keys {
		at := next(k.Name)
		fmt.Fprintf(&b, `<path class="line %[1]s" d="M%[2]g %[3]gh26"/><path class="dot %[1]s" `+
			`transform="translate(%[4]g %[3]g)" d="%[5]s"/>`, k.Style.Class(), at, y-4, at+13, k.Style.Shape(3.6))
		fmt.Fprintf(&b, `<text x="%g" y="%g">%s</text>`+"\n", at+mark-4, y, html.EscapeString(k.Name))
	}
	for _, p := range d.figure.Parts {
		at := next(p.Name)
		fmt.Fprintf(&b, `<rect class="bar %s" x="%g" y="%g" width="12" height="10"/>`, p.Swatch.Style.Class(), at+14, y-9)
		if p.Swatch.Pattern > 0 {
			fmt.Fprintf(&b, `<rect fill="url(#hatch%d)" x="%g" y="%g" width="12" height="10"/>`, p.Swatch.Pattern, at+14, y-9)
		}
		fmt.Fprintf(&b, `<text x="%g" y="%g">%s</text>`+"\n", at+mark-4, y, html.EscapeString(p.Name))
	}
	if len(d.figure.Keys)+len(d.figure.Parts) > 0 {
		y += drawingLine
	}
	return b.String(), y
}

// drawingStyle is the page's style for charts without variables, which programs for
// papers and slides do not know.
func drawingStyle() string {
	text := `text{font-family:"Helvetica Neue",Arial,"DejaVu Sans",sans-serif;font-size:10px;fill:#57606a}` +
		`.x{text-anchor:middle}.y,.end{text-anchor:end}.label,.head{fill:#1b1f24}.head{font-size:11px;font-weight:bold}` +
		`.grid{stroke:#d8dee4;fill:none}.rule{stroke:#1b1f24;stroke-dasharray:4 3;fill:none}` +
		`.stroke{stroke:#fff;stroke-width:2}.line,.whisker{stroke-width:1.5;fill:none}.area{fill-opacity:.18}` +
		`.dot{stroke:#fff}.dot.small{fill-opacity:.75;stroke:none}`
	for i, look := range []struct{ colour, dashes string }{{"#57606a", ""}, {"#d1590a", "7 2"}, {"#0072b2", "2 2"},
		{"#00805c", "8 2 2 2"}, {"#b1508f", "4 3"}, {"#9a6b00", "12 3"}, {"#3f93c8", "1 3"}} {
		text += fmt.Sprintf(".line.s%[1]d,.whisker.s%[1]d{stroke:%[2]s}.area.s%[1]d,.dot.s%[1]d,.bar.s%[1]d{fill:%[2]s}",
			i, look.colour)
		if look.dashes != "" {
			text += fmt.Sprintf(".line.s%d{stroke-dasharray:%s}", i, look.dashes)
		}
	}
	return text
}
