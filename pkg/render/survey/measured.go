package survey

import (
	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/core/survey"
)

// measuredTable says of each mesh of the catalogue how far it was ever measured
// for real, and on which versions.
func measuredTable(c mesh.Catalogue) survey.Table {
	t := survey.Table{ID: measured, Number: "M", Title: "Measured for real",
		Note: "With the mesh's own control plane and data plane. Elsewhere what meshbench knows rests on the sources that " +
			"each document names.",
		Columns: []survey.Column{{ID: "known", Title: "KNOWN", Added: true}, {ID: "on", Title: "ON", Added: true}}}
	for _, m := range c.All() {
		if m.Support == mesh.SupportNamed {
			continue
		}
		row := survey.Row{System: m.ID, Names: []string{m.Title}, Role: survey.RoleMesh}
		for _, text := range []string{m.Basis(), m.BasisText()} {
			row.Cells = append(row.Cells, survey.Shown{Value: text, Change: survey.NotIn2022, Status: survey.StatusDerived})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
