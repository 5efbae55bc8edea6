// Package survey writes the survey of service meshes: its tables as of 2022 and
// of today, the findings counted again, the architectures drawn, and all that
// is known of one mesh, as text, CSV, JSON, Markdown or one HTML page. It is
// pure.
package survey

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/core/survey"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// View is what is to be shown.
type View struct {
	Era           survey.Era
	Method        []survey.Fixed
	Tables        []survey.Table
	Findings      []survey.Finding
	Architectures []survey.Architecture
	// Systems are meshes that are shown in full.
	Systems []One
}

// One is all that is known of one mesh.
type One struct {
	System survey.System
	Tables []survey.Table
	// Mesh is nil if the catalogue has none of that id.
	Mesh *mesh.Mesh
}

// Names of the parts that are no tables.
const (
	findings      = "findings"
	architectures = "architectures"
	measured      = "measured"
)

// Choose makes a view of what is named: tables by number or id, "findings",
// "architectures", meshes by id; all but the meshes if nothing is.
func Choose(s survey.Survey, c mesh.Catalogue, era survey.Era, wanted []string) (View, error) {
	v := View{Era: era}
	all := s.Tables(era)
	if era == survey.Today {
		all = append(all, measuredTable(c))
	}
	if len(wanted) == 0 {
		v.Tables, v.Architectures = all, survey.Architectures()
		if era == survey.In2022 {
			v.Method = survey.Method()
			v.Architectures = of2022(v.Architectures)
		}
		v.Findings = s.Findings()
		return v, nil
	}
	var tables []string
	for _, name := range wanted {
		system, isSystem := s.System(name)
		i := slices.IndexFunc(survey.Method(), func(f survey.Fixed) bool { return f.Number == name })
		switch {
		case name == findings:
			v.Findings = s.Findings()
		case name == architectures:
			if v.Architectures = survey.Architectures(); era == survey.In2022 {
				v.Architectures = of2022(v.Architectures)
			}
		case i >= 0:
			v.Method = append(v.Method, survey.Method()[i])
		case isSystem:
			v.Systems = append(v.Systems, one(system, c, s.Tables(era)))
		case slices.ContainsFunc(all, func(t survey.Table) bool { return t.ID == name || t.Number == name }):
			tables = append(tables, name)
		default:
			return v, fmt.Errorf("there is no table or mesh %q: want one of %s", name, strings.Join(Names(s), ", "))
		}
	}
	if len(tables) > 0 {
		var err error
		v.Tables, err = survey.Select(all, tables)
		return v, err
	}
	return v, nil
}

// Names are all that can be chosen.
func Names(s survey.Survey) []string {
	var names []string
	for _, t := range s.Tables(survey.Today) {
		names = append(names, t.Number, t.ID)
	}
	names = append(names, measured)
	names = append(names, findings, architectures)
	for _, x := range s.Systems() {
		names = append(names, x.ID)
	}
	return names
}

func of2022(all []survey.Architecture) []survey.Architecture {
	return slices.DeleteFunc(all, func(a survey.Architecture) bool { return a.Figure == "" })
}

func one(s survey.System, c mesh.Catalogue, all []survey.Table) One {
	o := One{System: s}
	for _, t := range all {
		t.Rows = slices.DeleteFunc(slices.Clone(t.Rows), func(r survey.Row) bool { return r.System != s.ID })
		if len(t.Rows) > 0 {
			o.Tables = append(o.Tables, t)
		}
	}
	for _, m := range c.All() {
		if m.ID == s.ID {
			o.Mesh = &m
		}
	}
	return o
}

// format is one way to write a view.
type format struct {
	name  string
	write func(io.Writer, View, term.Style) error
}

func formats() []format {
	return []format{{"table", writeText}, {"markdown", writeMarkdown}, {"html", writeHTML}, {"csv", writeCSV},
		{"json", writeJSON}}
}

// Formats are the names that Write takes.
func Formats() []string {
	var all []string
	for _, f := range formats() {
		all = append(all, f.name)
	}
	return all
}

// Write writes a view in a format of Formats. The style is that of the terminal, and for text only.
func Write(out io.Writer, name string, v View, style term.Style) error {
	for _, f := range formats() {
		if f.name == name {
			return f.write(out, v, style)
		}
	}
	return fmt.Errorf("no format %q of the survey: want one of %s", name, strings.Join(Formats(), ", "))
}
