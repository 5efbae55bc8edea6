package text

import (
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/effect"
	"github.com/meshbench/kubectl-meshbench/pkg/core/slope"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/view"
)

// markdownSlopes writes what each further step of a factor adds.
func markdownSlopes(b *strings.Builder, r v1alpha1.Report) {
	markdownEffectTables(b, view.SlopeTables(slope.Of(r)), view.SlopeLegend)
}

// markdownEffects writes what factors with several values do.
func markdownEffects(b *strings.Builder, r v1alpha1.Report) {
	all := effect.Of(r)
	markdownEffectTables(b, view.EffectTables(all, false), view.EffectLegend(all))
}

func markdownEffectTables(b *strings.Builder, tables []view.EffectTable, legend string) {
	for _, t := range tables {
		fmt.Fprintf(b, "\n### %s\n", escape(t.Title))
		if t.Note != "" {
			fmt.Fprintf(b, "\n%s\n", escape(t.Note))
		}
		if len(t.Rows) == 0 {
			continue
		}
		head, rule := "\n|", "|"
		if t.Factor != "" {
			head, rule = head+" "+escape(strings.ToLower(t.Factor))+" |", rule+" --- |"
		}
		if t.Others {
			head, rule = head+" at |", rule+" --- |"
		}
		head, rule = head+" arm |", rule+" --- |"
		for _, c := range t.Columns {
			head, rule = head+" "+c.Column+" |", rule+" ---: |"
		}
		fmt.Fprintf(b, "%s\n%s\n", head, rule)
		for _, row := range t.Rows {
			b.WriteString("|")
			if t.Factor != "" {
				fmt.Fprintf(b, " %s |", escape(row.Value))
			}
			if t.Others {
				fmt.Fprintf(b, " %s |", escape(row.Others))
			}
			fmt.Fprintf(b, " %s |", escape(row.Arm))
			for _, c := range t.Columns {
				e := row.Entries[c.Name]
				text := e.Lead
				if e.Interval != "" {
					text += " [" + e.Interval + "]"
				}
				fmt.Fprintf(b, " %s |", escape(text))
			}
			b.WriteString("\n")
		}
	}
	if len(tables) > 0 {
		fmt.Fprintf(b, "\n%s\n", escape(legend))
	}
}
