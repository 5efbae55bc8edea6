// Package page writes a report as one page of HTML with figures.
package page

import (
	"fmt"
	"html/template"
	"io"
	"strings"

	_ "embed" // the page's template

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/chart"
	"github.com/meshbench/kubectl-meshbench/pkg/core/effect"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/slope"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/view"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

//go:embed report.html
var pageTemplate string

// htmlPage is what the template shows. All of its text may come from a report
// that somebody else wrote; the template escapes it.
type htmlPage struct {
	Title string
	Lead  string
	Facts []view.Fact
	// Cards are the answer at a glance; where they are many, Glance is a table of them.
	Cards     []card
	Glance    []card
	Overviews []overview
	// Arms say who took part, with the mesh of each.
	Arms     []view.Fact
	Verdicts []htmlVerdict
	Notes    []view.Note
	Sections []htmlSection
	// Prices are what rates and connections say of them, PriceLegend how that is read.
	Prices      []view.PriceTable
	PriceLegend string
	// Resources is set if what containers and nodes used was measured.
	Resources bool
	// Beyond and Needs say which percentiles are shown.
	Beyond   int
	Needs    string
	Contents bool
	// Many is set where levels are so many that only their main figures are drawn.
	Many   bool
	Report embedding
}

type htmlVerdict struct {
	Result                     v1alpha1.VerdictResult
	Where, Objective, Evidence string
}

// htmlSection is one experiment.
type htmlSection struct {
	ID, Name, Question string
	Sweeps             []figure
	// Slopes say what each further step of a factor adds, SlopeLegend how that is read.
	Slopes      []htmlEffects
	SlopeLegend string
	// Effects say what each factor does, EffectLegend how that is read.
	Effects      []htmlEffects
	EffectLegend string
	Panels       []htmlPanel
}

// htmlPanel is one level's table and charts.
type htmlPanel struct {
	ID, Title, Setting string
	Open               bool
	Columns            []string
	Rows               []htmlRow
	Bottlenecks        []htmlBottleneck
	Figures            []figure
}

type htmlBottleneck struct{ Arm, At, Evidence string }

type htmlRow struct {
	Arm   string
	Cells []htmlCell
}

type htmlCell struct{ Lead, Class, Interval, Difference, Between, Absolute, Title string }

// mostOpen is how many levels are unfolded from the start; a page of dozens
// stays fast and is read by its contents.
const mostOpen = 2

// mostFull is how many arms of levels are drawn with all their figures; of more, a
// page would be of many megabytes and read by nobody.
const mostFull = 24

// HTML writes one page that needs no network and no script: charts are
// inline SVG with their figures as text beside them, and the whole report is
// embedded for other tools.
func HTML(out io.Writer, r v1alpha1.Report, _ term.Style) error {
	set, err := chart.Define(template.New("report"))
	if err != nil {
		return err
	}
	parsed, err := set.Parse(pageTemplate)
	if err != nil {
		return fmt.Errorf("template of the page: %w", err)
	}
	r.Effects, r.Slopes = effect.Of(r), slope.Of(r)
	embedded, err := embed(r)
	if err != nil {
		return err
	}
	data := htmlPage{
		Title: term.Clean(r.Run.ID), Lead: lead(r), Facts: view.Facts(r), Notes: view.Notes(r),
		Resources: hasResources(r), Beyond: metric.Beyond, Needs: view.PercentileNeeds(), Report: embedded,
		Arms: view.ArmFacts(r), Prices: view.PriceTables(r), PriceLegend: view.PriceLegend,
	}
	panels, drawn := view.Panels(r), 0
	for _, p := range panels {
		drawn += len(p.Rows)
	}
	data.Many = drawn > mostFull
	if all := cards(r); len(all) <= mostCards {
		data.Cards = all
	} else {
		data.Glance, data.Overviews = glance(all, panels)
	}
	for _, v := range r.Verdicts {
		where := view.ScopeText(v1alpha1.Scope(v.Address), len(r.Experiments))
		data.Verdicts = append(data.Verdicts,
			htmlVerdict{v.Result, term.Clean(where), term.Clean(v.SLO), term.Clean(v.Evidence)})
	}
	index := report.IndexOf(r)
	number := 0
	for i, e := range byExperiment(panels) {
		s := htmlSection{ID: fmt.Sprintf("experiment-%d", i+1), Name: term.Clean(e.experiment.Metadata.Name),
			Question: term.Clean(e.experiment.Spec.Question), Sweeps: sweepFigures(e.panels, metric.Leading())}
		s.Slopes, s.SlopeLegend = slopesOf(r.Slopes, e.experiment.Metadata.Name)
		s.Effects, s.EffectLegend = effectsOf(r.Effects, e.experiment.Metadata.Name)
		for _, p := range e.panels {
			number++
			s.Panels = append(s.Panels, htmlPanelOf(index, p, number, data.Many))
		}
		data.Sections = append(data.Sections, s)
	}
	for i, t := range view.SearchTables(r) {
		number++
		data.Sections = append(data.Sections, htmlSection{
			ID: fmt.Sprintf("search-%d", i+1), Name: term.Clean(t.Title), Question: view.SearchLegendOf(r),
			Panels: []htmlPanel{searchPanel(t, number)},
		})
	}
	data.Contents = number > 1
	return parsed.Execute(out, data)
}

func htmlPanelOf(x report.Index, p view.Panel, number int, many bool) htmlPanel {
	out := htmlPanel{ID: fmt.Sprintf("level-%d", number), Title: levelName(p), Setting: term.Clean(view.Setting(p)),
		Open: number <= mostOpen}
	if out.Title == "" {
		out.Title = "Results"
	}
	all := view.Shown(metric.Table(false), p)
	for _, c := range all {
		out.Columns = append(out.Columns, c.Column)
	}
	for _, one := range p.Rows {
		row := htmlRow{Arm: term.Clean(one.Arm.Name)}
		for _, c := range all {
			row.Cells = append(row.Cells, htmlCellOf(one, c))
		}
		out.Rows = append(out.Rows, row)
		if b := one.Cell.Bottleneck; b != nil {
			out.Bottlenecks = append(out.Bottlenecks, htmlBottleneck{row.Arm, term.Clean(string(b.At)), term.Clean(b.Evidence)})
		}
	}
	out.Figures = figures(x, levelDataOf(x, p), many)
	return out
}

func htmlCellOf(r view.Row, m metric.Metric) htmlCell {
	e := r.Entries[m.Name]
	switch {
	case r.Cell.Rounds == 0:
		return htmlCell{Absolute: "no data"}
	case m.OneSample || r.Arm.Role == v1alpha1.RoleBaseline || e.Lead == "":
		if e.Missing && strings.HasPrefix(e.Absolute, "n/a") {
			return htmlCell{Absolute: "n/a", Title: e.Absolute}
		}
		if e.Rounds != "" {
			return htmlCell{Absolute: e.Absolute + " (" + e.Rounds + ")"}
		}
		if e.Missing && e.Why != e.Absolute {
			return htmlCell{Absolute: e.Absolute, Title: e.Why}
		}
		return htmlCell{Absolute: e.Absolute}
	}
	return htmlCell{Lead: strings.Replace(e.Lead, "x", "×", 1), Class: direction(m, e.Conclusion),
		Interval: e.Interval, Difference: pointOf(e), Between: e.Between, Absolute: e.Absolute}
}

// pointOf is what an arm adds, without its interval.
func pointOf(e view.Entry) string {
	if e.DifferenceLeads || e.Cost() == "0" {
		return ""
	}
	return e.Difference
}

// costOf is what an arm adds, where it is not what leads.
func costOf(e view.Entry) string {
	switch {
	case e.DifferenceLeads:
		return e.Between
	case e.Cost() == "0":
		return ""
	}
	return e.Cost()
}

// direction says whether a difference is for the worse; pages colour it and
// write it.
func direction(m metric.Metric, e v1alpha1.Conclusion) string {
	worse := v1alpha1.ConclusionHigher
	if m.MoreIsBetter {
		worse = v1alpha1.ConclusionLower
	}
	switch e {
	case worse:
		return "worse"
	case v1alpha1.ConclusionHigher, v1alpha1.ConclusionLower:
		return "better"
	case v1alpha1.ConclusionNone:
		return "same"
	default:
		return "undecided"
	}
}

func lead(r v1alpha1.Report) string {
	parts := []string{r.Run.StartedAt.UTC().Format("2 January 2006, 15:04 UTC")}
	if r.Cluster.Context != "" {
		parts = append(parts, r.Cluster.Context)
	}
	parts = append(parts, words.Count(len(r.Arms), "arm", "arms"), words.Count(len(r.Trials), "trial", "trials"))
	if r.Run.Interrupted {
		parts = append(parts, "interrupted before its plan was done")
	}
	return term.Clean(strings.Join(parts, " · "))
}
