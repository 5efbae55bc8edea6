package survey

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page's template and style
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/core/survey"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

//go:embed survey.html
var page string

//go:embed survey.css
var style string

// htmlPage is what the template shows.
type htmlPage struct {
	Title, Lead string
	// Policy allows the page's own style and nothing else: no script, no
	// network.
	Policy        template.HTMLAttr
	Style         template.CSS
	Today         bool
	Counts        []htmlCount
	Method        []survey.Fixed
	Tables        []htmlTable
	Findings      []survey.Finding
	Requirements  []survey.Requirement
	Architectures []htmlArchitecture
	Systems       []htmlSystem
}

type htmlCount struct {
	Number int
	Text   string
	Class  string
}

type htmlTable struct {
	ID, Title, Note string
	First           []string
	Columns         []survey.Column
	Rows            []htmlRow
	Sources         []htmlSource
}

type htmlRow struct {
	Names []string
	New   bool
	Cells []htmlCell
}

type htmlCell struct{ Text, Was, Class, Title string }

// htmlSource is what is known of one cell.
type htmlSource struct {
	Mesh, Column string
	Lines        []string
}

type htmlArchitecture struct {
	Caption, Note string
	Sketch        sketch
}

type htmlSystem struct {
	Title  string
	Facts  []fact
	Tables []htmlTable
}

// writeHTML writes one page that needs no network and no script.
func writeHTML(out io.Writer, v View, _ term.Style) error {
	parsed, err := template.New("survey").Parse(page)
	if err != nil {
		return fmt.Errorf("template of the page: %w", err)
	}
	sum := sha256.Sum256([]byte(style))
	data := htmlPage{Title: "Service meshes, 2022 and today", Today: v.Era == survey.Today, Style: template.CSS(style),
		Policy: template.HTMLAttr(`content="default-src 'none'; style-src 'sha256-` +
			base64.StdEncoding.EncodeToString(sum[:]) + `'; base-uri 'none'; form-action 'none'"`),
		Lead: "The survey of “Experimental Performance Analysis of Service Mesh Systems” (2022), cell by cell, beside " +
			"what holds today and where that was read.",
		Method: v.Method, Findings: v.Findings}
	if !data.Today {
		data.Title = "Service meshes in 2022"
		data.Lead = "The survey of “Experimental Performance Analysis of Service Mesh Systems” (2022) as it was printed."
	}
	for _, t := range v.Tables {
		data.Tables = append(data.Tables, htmlTableOf(t, v.Era))
		if t.ID == "requirements" && data.Today {
			data.Requirements = survey.Requirements()
		}
	}
	if data.Today && len(v.Tables) > 0 {
		data.Counts = counts(v.Tables)
	}
	for _, a := range v.Architectures {
		data.Architectures = append(data.Architectures, htmlArchitecture{caption(a), a.Note, sketched(a)})
	}
	for _, o := range v.Systems {
		s := htmlSystem{Title: o.System.Title, Facts: facts(o)}
		for _, t := range o.Tables {
			s.Tables = append(s.Tables, htmlTableOf(t, v.Era))
		}
		data.Systems = append(data.Systems, s)
	}
	var b bytes.Buffer
	if err := parsed.Execute(&b, data); err != nil {
		return err
	}
	_, err = out.Write(b.Bytes())
	return err
}

func counts(tables []survey.Table) []htmlCount {
	n := survey.Count(tables)
	return []htmlCount{
		{n[survey.Same], "cells as in 2022, read again", "same"},
		{n[survey.Changed], "cells that differ from the thesis", "changed"},
		{n[survey.NotIn2022], "cells that are not in the thesis", "new"},
		{n[survey.Unchecked], "cells that nobody has checked since", "unchecked"},
		{n[survey.Open], "grades that what is known does not decide", "unchecked"},
	}
}

func htmlTableOf(t survey.Table, era survey.Era) htmlTable {
	h := htmlTable{ID: "table-" + strings.ReplaceAll(t.Number, ".", "-"), Title: t.Number + " " + t.Title, Note: t.Note,
		First: t.FirstColumns(era), Columns: t.Columns}
	for _, r := range t.Rows {
		row := htmlRow{Names: r.Names, New: r.New && era == survey.Today}
		for i, c := range r.Cells {
			row.Cells = append(row.Cells, htmlCellOf(t, i, c, era))
			if era == survey.Today && (c.Value != "" || c.Note != "") {
				h.Sources = append(h.Sources, htmlSource{r.Names[len(r.Names)-1], t.Columns[i].Title, told(c, era)})
			}
		}
		h.Rows = append(h.Rows, row)
	}
	return h
}

func htmlCellOf(t survey.Table, column int, c survey.Shown, era survey.Era) htmlCell {
	cell := htmlCell{Text: term.Clean(c.Value)}
	if era == survey.In2022 {
		return cell
	}
	if graded(t, column) && cell.Text != "" {
		cell.Title = cell.Text + ": " + term.Clean(c.Note)
		cell.Text = sign(c.Value) + " " + cell.Text
	}
	switch c.Change {
	case survey.Changed:
		cell.Class, cell.Was = "changed", term.Clean(c.In2022)
	case survey.NotIn2022:
		cell.Class = "new"
	case survey.Unchecked:
		cell.Class, cell.Text = "unchecked", term.Clean(c.In2022)+"?"
	case survey.Open:
		cell.Class, cell.Was = "unchecked", term.Clean(c.In2022)
	case survey.Absent:
		cell.Text = ""
	}
	return cell
}
