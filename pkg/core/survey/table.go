package survey

import (
	"fmt"
	"slices"
	"strings"
)

// Table compares systems in one respect, as of one era.
type Table struct {
	ID      string   `json:"id"`
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
	// Added columns are not in the thesis.
	Added bool `json:"notIn2022,omitempty"`
}

// Row is one system.
type Row struct {
	System string `json:"mesh"`
	// Names fill the columns before the properties: the thesis has an id and a
	// name, or the name alone.
	Names []string `json:"names"`
	Role  Role     `json:"role"`
	// New rows are not in the thesis.
	New   bool    `json:"notIn2022,omitempty"`
	Cells []Shown `json:"cells"`
}

// Change says what became of a cell since 2022.
type Change string

// The changes.
const (
	Same      Change = "same"
	Changed   Change = "changed"
	NotIn2022 Change = "not in 2022"
	// Unchecked cells were not looked at since.
	Unchecked Change = "not checked since 2022"
	// Open grades are not decided by what is known.
	Open Change = "not decided"
	// Absent cells are in neither.
	Absent Change = "absent"
)

// Shown is one cell of a table.
type Shown struct {
	// Value is what the era says; empty where nothing is known.
	Value string `json:"value,omitempty"`
	// In2022 is what the thesis printed.
	In2022  string   `json:"in2022,omitempty"`
	Change  Change   `json:"change"`
	AsOf    string   `json:"asOf,omitempty"`
	Status  Status   `json:"status,omitempty"`
	Sources []Source `json:"sources,omitempty"`
	Says    string   `json:"says,omitempty"`
	Note    string   `json:"note,omitempty"`
}

// Tables arranges every table that compares systems, as of an era. Those of
// 2022 hold what the thesis printed and nothing else.
func (s Survey) Tables(era Era) []Table {
	var tables []Table
	for _, l := range layouts() {
		t := Table{ID: l.id, Number: l.number, Title: l.title, Note: l.note}
		if era == In2022 {
			t.Title, t.Note = l.caption, ""
		}
		for _, c := range l.columns {
			switch {
			case era == Today:
				t.Columns = append(t.Columns, Column{ID: c.id, Title: c.today, Added: c.added})
			case !c.added:
				t.Columns = append(t.Columns, Column{ID: c.id, Title: c.heading})
			}
		}
		for _, system := range s.systems {
			if row, ok := system.row(l, era); ok {
				t.Rows = append(t.Rows, row)
			}
		}
		tables = append(tables, t)
	}
	return tables
}

// FirstColumns head the names of a table's rows, as of an era.
func (t Table) FirstColumns(era Era) []string {
	if era == Today {
		return []string{"MESH"}
	}
	return layouts()[slices.IndexFunc(layouts(), func(l layout) bool { return l.id == t.ID })].first
}

func (s System) row(l layout, era Era) (Row, bool) {
	r := Row{System: s.ID, Names: []string{s.Title}, Role: s.Role, New: s.Thesis == nil}
	if era == In2022 {
		if s.Thesis == nil {
			return r, false
		}
		r.Names = []string{s.Thesis.ID, s.Thesis.Name}[2-len(l.first):]
	}
	holds := false
	judged := s.Judge(Today)
	for _, c := range l.columns {
		if era == In2022 && c.added {
			continue
		}
		e := s.entries[l.id][c.id]
		shown := cellIn2022(e)
		if era == Today {
			shown = s.cellToday(l, c, e, judged)
		}
		holds = holds || shown.Value != "" || shown.In2022 != ""
		r.Cells = append(r.Cells, shown)
	}
	if l.id == "requirements" && s.Role != RoleMesh {
		return r, false // what is made of a mesh is judged with that mesh
	}
	return r, holds
}

func cellIn2022(e Entry) Shown {
	if e.Then == nil {
		return Shown{Change: Absent}
	}
	return Shown{Value: e.Then.Text, In2022: e.Then.Text, Change: Same}
}

func (s System) cellToday(l layout, c column, e Entry, judged []Judgement) Shown {
	shown := Shown{Status: e.Status, AsOf: e.AsOf, Sources: e.Sources, Says: e.Says, Note: e.Note}
	now := e.Now
	switch {
	case c.derived && c.kind == kindGrade:
		j := judged[slices.IndexFunc(judged, func(j Judgement) bool { return j.Requirement == c.id })]
		now = &Value{Text: Grade(j.Level), Level: j.Level, key: j.Level.String()}
		shown.Status, shown.Note, shown.AsOf = StatusDerived, j.Why, ""
	case c.derived:
		of := s.entries["proxy"][c.id]
		now = of.Now
		shown.Status, shown.AsOf, shown.Sources = StatusDerived, of.AsOf, of.Sources
	}
	if e.Then != nil {
		shown.In2022 = e.Then.Text
	}
	if now == nil {
		if shown.Change = Unchecked; e.Then == nil {
			shown.Change = Absent
		}
		shown.Status = ""
		if shown.Change == Unchecked {
			shown.Status = StatusUnverified
		}
		return shown
	}
	shown.Value = now.Text
	switch {
	case now.Level == Unknown && c.kind == kindGrade:
		shown.Change = Open
	case e.Then == nil:
		shown.Change = NotIn2022
	case same(*e.Then, *now):
		shown.Change = Same
	default:
		shown.Change = Changed
	}
	return shown
}

// Select keeps the tables that are named by id or number, once each and in
// the order they are named; all if none is.
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
		if !slices.ContainsFunc(kept, func(t Table) bool { return t.ID == tables[i].ID }) {
			kept = append(kept, tables[i])
		}
	}
	return kept, nil
}

// Count says how many cells of today's tables there are of each change.
func Count(tables []Table) map[Change]int {
	n := map[Change]int{}
	for _, t := range tables {
		for _, r := range t.Rows {
			for _, c := range r.Cells {
				n[c.Change]++
			}
		}
	}
	return n
}
