// Package survey arranges what the catalogue knows of meshes into the tables of
// the survey in 'Experimental Performance Analysis of Service Mesh Systems'
// (2022, tables 3.3 to 3.10), brought up to date. It is pure.
package survey

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
)

// Table compares meshes in one respect.
type Table struct {
	ID string `json:"id"`
	// Number is that of the table in the thesis.
	Number  string   `json:"number"`
	Title   string   `json:"title"`
	Note    string   `json:"note,omitempty"`
	Columns []Column `json:"columns"`
	Rows    []Row    `json:"rows"`
}

// Column is one property.
type Column struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// Row is one mesh. Cells has no entry where nothing is known.
type Row struct {
	Mesh  string               `json:"mesh"`
	Title string               `json:"title"`
	Cells map[string]mesh.Cell `json:"cells"`
}

// layout is all tables without their rows.
func layout() []Table {
	return []Table{
		{ID: "systems", Number: "3.3", Title: "Systems", Columns: []Column{{"state", "STATE"}}},
		{ID: "proxy", Number: "3.4", Title: "Proxies",
			Columns: []Column{{"proxy", "PROXY"}, {"architecture", "ARCHITECTURE"}, {"tcp", "TCP"}, {"udp", "UDP"}},
			Note:    "The thesis says 'per service' for what is a proxy per pod."},
		{ID: "observability", Number: "3.5", Title: "Observability",
			Columns: []Column{{"metrics", "METRICS"}, {"tracing", "TRACING"}, {"dashboard", "DASHBOARD"}}},
		{ID: "security", Number: "3.6", Title: "Security",
			Columns: []Column{{"mtls", "MTLS"}, {"default", "ON BY DEFAULT"}, {"authorization", "AUTHORIZATION"},
				{"ca", "EXTERNAL CA"}}},
		{ID: "resilience", Number: "3.7", Title: "Resilience",
			Columns: []Column{{"retry", "RETRY"}, {"timeout", "TIMEOUT"}, {"ratelimit", "RATE LIMIT"}, {"breaker", "BREAKER"},
				{"fault", "FAULT"}, {"delay", "DELAY"}}},
		{ID: "protocols", Number: "3.8", Title: "Protocols",
			Columns: []Column{{"grpc", "GRPC"}, {"http3", "HTTP/3"}, {"additional", "ADDITIONAL"}},
			Note:    "All of them carry HTTP/1.1, HTTP/2, WebSocket and TLS as it is, as in the thesis."},
		{ID: "nonfunctional", Number: "3.9", Title: "Projects",
			Columns: []Column{{"launched", "LAUNCHED"}, {"cncf", "CNCF"}, {"oss", "OPEN SOURCE"}, {"version", "VERSION"},
				{"licence", "LICENCE"}, {"language", "LANGUAGE"}}},
		{ID: "requirements", Number: "3.10", Title: "Requirements that are met differently than in 2022",
			Columns: []Column{{"FR2", "FR2 SECURITY"}, {"FR3", "FR3 RESILIENCE"}, {"NFR2", "NFR2 OPEN SOURCE"},
				{"NFR4", "NFR4 CNCF"}},
			Note: "By the thesis' own rules; the other requirements were not judged again."},
	}
}

// Tables arranges a catalogue. It is an error if a mesh has a cell that belongs
// to no table or column.
func Tables(c mesh.Catalogue) ([]Table, error) {
	tables := layout()
	meshes := c.All()
	slices.SortStableFunc(meshes, func(a, b mesh.Mesh) int { return cmp.Compare(order(a), order(b)) })
	for _, m := range meshes {
		for _, id := range slices.Sorted(maps.Keys(m.Survey.Rows)) {
			i := slices.IndexFunc(tables, func(t Table) bool { return t.ID == id })
			if i < 0 {
				return nil, fmt.Errorf("mesh %s: spec.survey.rows.%s: there is no such table", m.ID, id)
			}
			for column := range m.Survey.Rows[id] {
				if !slices.ContainsFunc(tables[i].Columns, func(c Column) bool { return c.ID == column }) {
					return nil, fmt.Errorf("mesh %s: spec.survey.rows.%s.%s: there is no such column", m.ID, id, column)
				}
			}
			tables[i].Rows = append(tables[i].Rows, Row{Mesh: m.ID, Title: m.Title, Cells: m.Survey.Rows[id]})
		}
	}
	return tables, nil
}

// order is that of the thesis; meshes it did not number come after it.
func order(m mesh.Mesh) int {
	const last = 1000
	n, err := strconv.Atoi(strings.TrimPrefix(m.Survey.ID, "SM"))
	switch {
	case err == nil:
		return n
	case m.Support == mesh.SupportNamed:
		return last + 1
	default:
		return last
	}
}

// Select keeps the tables that are named by id or number; all if none is.
func Select(tables []Table, names []string) ([]Table, error) {
	if len(names) == 0 {
		return tables, nil
	}
	var kept []Table
	for _, name := range names {
		i := slices.IndexFunc(tables, func(t Table) bool { return t.ID == name || t.Number == name })
		if i < 0 {
			var known []string
			for _, t := range tables {
				known = append(known, t.Number+" ("+t.ID+")")
			}
			return nil, fmt.Errorf("there is no table %q: want one of %s", name, strings.Join(known, ", "))
		}
		kept = append(kept, tables[i])
	}
	return kept, nil
}

// footnote is what is said of a cell below its table.
func footnote(r Row, c Column, cell mesh.Cell) string {
	text := fmt.Sprintf("%s, %s:", r.Title, strings.ToLower(c.Title))
	if cell.Thesis != "" {
		text += fmt.Sprintf(" was %q in 2022;", cell.Thesis)
	}
	text += " " + string(cell.Status)
	if len(cell.From) > 0 {
		text += ": " + strings.Join(cell.From, ", ")
	}
	if cell.Note != "" {
		text += " (" + strings.TrimSuffix(cell.Note, ".") + ")"
	}
	return text
}
