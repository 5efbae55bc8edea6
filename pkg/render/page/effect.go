package page

import (
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/view"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// htmlEffects is what one factor does, as a table.
type htmlEffects struct {
	Title, Note, Factor string
	Others              bool
	Columns             []string
	Rows                []htmlEffectRow
}

type htmlEffectRow struct {
	Value, Others, Arm string
	Cells              []htmlCell
}

// slopesOf are the tables of what each further step of one experiment's factors
// adds, and how they are read.
func slopesOf(all []v1alpha1.Slope, experiment string) (out []htmlEffects, legend string) {
	var own []v1alpha1.Slope
	for _, s := range all {
		if s.Experiment == experiment {
			own = append(own, s)
		}
	}
	if out = htmlTables(view.SlopeTables(own)); len(out) > 0 {
		legend = view.SlopeLegend
	}
	return out, legend
}

// effectsOf are the tables of one experiment's factors, and how they are read.
func effectsOf(all []v1alpha1.Effect, experiment string) (out []htmlEffects, legend string) {
	var own []v1alpha1.Effect
	for _, e := range all {
		if e.Experiment == experiment {
			own = append(own, e)
		}
	}
	if out = htmlTables(view.EffectTables(own, true)); len(out) > 0 {
		legend = view.EffectLegend(all)
	}
	return out, legend
}

func htmlTables(all []view.EffectTable) (out []htmlEffects) {
	for _, t := range all {
		h := htmlEffects{Title: t.Title, Note: t.Note, Factor: term.Clean(t.Factor), Others: t.Others}
		for _, c := range t.Columns {
			h.Columns = append(h.Columns, c.Column)
		}
		for _, r := range t.Rows {
			row := htmlEffectRow{Value: r.Value, Others: r.Others, Arm: r.Arm}
			for _, c := range t.Columns {
				e := r.Entries[c.Name]
				row.Cells = append(row.Cells, htmlCell{Lead: strings.Replace(e.Lead, "x", "×", 1),
					Class: direction(c, e.Conclusion), Interval: e.Interval, Title: e.PValue})
			}
			h.Rows = append(h.Rows, row)
		}
		out = append(out, h)
	}
	return out
}
