package render

import (
	"encoding/json"
	"html/template"
	"io"

	_ "embed" // the page's template

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/term"
)

//go:embed report.html
var page string

// htmlPanel is one level's tables and charts.
type htmlPanel struct {
	Title, Setting string
	Columns        []string
	Rows           []htmlRow
	Charts         []chart
}

type htmlRow struct {
	Arm   string
	Cells []string
}

// writeHTML writes one page that needs no network and no script: charts are
// inline SVG with their figures as text beside them, and the whole report is
// embedded for other tools.
func writeHTML(out io.Writer, r v1alpha1.Report, _ term.Style) error {
	parsed, err := template.New("report").Parse(page)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(r) // which escapes <, > and &
	if err != nil {
		return err
	}
	data := struct {
		Title    string
		Facts    []map[string]string
		Panels   []htmlPanel
		Verdicts []v1alpha1.Verdict
		Notes    []map[string]string
		Report   template.JS
	}{Title: term.Clean(r.Run.ID), Verdicts: r.Verdicts, Report: template.JS(raw)}
	for _, f := range facts(r) {
		data.Facts = append(data.Facts, map[string]string{"Name": f.name, "Text": f.text})
	}
	for _, n := range notes(r) {
		data.Notes = append(data.Notes, map[string]string{"Severity": string(n.severity), "Label": n.label, "Scope": n.scope, "Text": n.text})
	}
	for _, p := range panels(r) {
		data.Panels = append(data.Panels, htmlPanelOf(r, p))
	}
	return parsed.Execute(out, data)
}

func htmlPanelOf(r v1alpha1.Report, p panel) htmlPanel {
	out := htmlPanel{Title: term.Clean(p.experiment.Metadata.Name), Setting: term.Clean(setting(p))}
	if p.level.ID != "default" {
		out.Title += " " + term.Clean(p.level.ID)
	}
	all := shown(columns(), p)
	for _, c := range all {
		out.Columns = append(out.Columns, c.title)
	}
	for _, one := range p.rows {
		row := htmlRow{Arm: term.Clean(one.arm.Name)}
		for _, c := range all {
			row.Cells = append(row.Cells, markdownCell(one, c))
		}
		out.Rows = append(out.Rows, row)
	}
	for _, c := range []chart{ratioChart(r, p), tailChart(r, p), roundChart(p)} {
		if len(c.Series) > 0 {
			out.Charts = append(out.Charts, c)
		}
	}
	return out
}
