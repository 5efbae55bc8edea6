package survey

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/core/survey"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// tablesOf are all tables of a view, those of single meshes included.
func tablesOf(v View) []survey.Table {
	all := append([]survey.Table{}, v.Tables...)
	for _, o := range v.Systems {
		all = append(all, o.Tables...)
	}
	return all
}

// writeCSV writes one line for each cell.
func writeCSV(out io.Writer, v View, _ term.Style) error {
	w := csv.NewWriter(out)
	head := []string{"table", "mesh", "column", "in2022", "now", "change", "asOf", "status", "sources", "says", "note"}
	if v.Era == survey.In2022 {
		head = []string{"table", "mesh", "column", "value"}
	}
	rows := [][]string{head}
	for _, f := range v.Method {
		for _, r := range f.Rows {
			for i, text := range r[1:] {
				rows = append(rows, pad([]string{f.Number, r[0], f.Columns[i+1], text}, len(head)))
			}
		}
	}
	for _, t := range tablesOf(v) {
		for _, r := range t.Rows {
			for i, c := range r.Cells {
				row := []string{t.Number, r.Names[len(r.Names)-1], t.Columns[i].Title, c.Value}
				if v.Era == survey.Today {
					if c.Change == survey.Absent {
						continue
					}
					var at []string
					for _, s := range c.Sources {
						at = append(at, s.At)
					}
					row = []string{t.Number, r.System, t.Columns[i].ID, c.In2022, c.Value, string(c.Change), c.AsOf,
						string(c.Status), strings.Join(at, " "), c.Says, c.Note}
				}
				rows = append(rows, row)
			}
		}
	}
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	return w.Error()
}

func pad(row []string, n int) []string {
	for len(row) < n {
		row = append(row, "")
	}
	return row
}

// document is the survey for programs.
type document struct {
	// AsOf is "today" or "2022".
	AsOf          string                `json:"asOf"`
	Method        []survey.Fixed        `json:"method,omitempty"`
	Tables        []survey.Table        `json:"tables,omitempty"`
	Requirements  []requirement         `json:"requirements,omitempty"`
	Findings      []survey.Finding      `json:"findings,omitempty"`
	Architectures []survey.Architecture `json:"architectures,omitempty"`
	Meshes        []meshDocument        `json:"meshes,omitempty"`
}

type requirement struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Rule  string `json:"rule"`
}

type meshDocument struct {
	ID     string              `json:"id"`
	Title  string              `json:"title"`
	Facts  []map[string]string `json:"facts"`
	Tables []survey.Table      `json:"tables"`
}

func writeJSON(out io.Writer, v View, _ term.Style) error {
	d := document{AsOf: asOf(v.Era), Method: v.Method, Tables: v.Tables, Findings: v.Findings,
		Architectures: v.Architectures}
	if len(v.Tables) > 0 {
		for _, r := range survey.Requirements() {
			d.Requirements = append(d.Requirements, requirement{r.ID, r.Title, r.Rule})
		}
	}
	for _, o := range v.Systems {
		m := meshDocument{ID: o.System.ID, Title: o.System.Title, Tables: o.Tables}
		for _, f := range facts(o) {
			m.Facts = append(m.Facts, map[string]string{"name": f.Name, "text": f.Text})
		}
		d.Meshes = append(d.Meshes, m)
	}
	return term.JSON(out, d)
}

func asOf(e survey.Era) string {
	if e == survey.In2022 {
		return strconv.Itoa(2022)
	}
	return "today"
}
