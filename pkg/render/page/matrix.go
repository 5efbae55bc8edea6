package page

import (
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/view"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// overview is an experiment of many levels at a glance.
type overview struct {
	Name     string
	Matrices []matrix
}

// matrix is one metric of all arms at all levels.
type matrix struct {
	Name, Baseline, Swept string
	Levels                []string
	// Base are the baseline's own figures.
	Base []string
	Rows []matrixRow
}

type matrixRow struct {
	Arm   string
	Cells []matrixCell
}

type matrixCell struct {
	// Lead is a ratio or a word, Cost what the arm adds, and Title both with their
	// intervals and the arm's own figure.
	Lead, Class, Cost, Title string
}

// overviewOf is nil for an experiment of one level, or without a baseline.
func overviewOf(panels []view.Panel) *overview {
	if len(panels) < 2 || baselineRow(panels[0]) == nil || len(panels[0].Rows) < 2 {
		return nil
	}
	out := &overview{Name: term.Clean(panels[0].Experiment.Metadata.Name)}
	swept, names := levelNames(panels)
	for _, m := range view.Shown(metric.Leading(), panels...) {
		one := matrix{Name: m.Title, Baseline: term.Clean(baselineRow(panels[0]).Arm.Name), Swept: swept, Levels: names}
		for _, p := range panels {
			one.Base = append(one.Base, orNoData(baselineRow(p).Entries[m.Name]))
		}
		for i, row := range panels[0].Rows {
			if row.Arm.Role != v1alpha1.RoleMeshed {
				continue
			}
			line := matrixRow{Arm: term.Clean(row.Arm.Name)}
			for _, p := range panels {
				line.Cells = append(line.Cells, matrixCellOf(m, p.Rows[i].Entries[m.Name]))
			}
			one.Rows = append(one.Rows, line)
		}
		out.Matrices = append(out.Matrices, one)
	}
	return out
}

func matrixCellOf(m metric.Metric, e view.Entry) matrixCell {
	c := matrixCell{Lead: strings.Replace(e.Lead, "x", "×", 1), Class: direction(m, e.Conclusion), Cost: e.Difference,
		Title: orNoData(e)}
	if e.Lead == "" {
		c.Lead, c.Class = "–", ""
	}
	if e.DifferenceLeads || e.Difference == "0" {
		c.Cost = ""
	}
	if word := wordOf(c.Class, e); word != "" {
		c.Title += "; " + word
	}
	if text := intervalText(e); text != "" {
		c.Title += "; ratio " + text
	}
	if cost := costOf(e); cost != "" {
		c.Title += "; difference " + cost
	}
	return c
}

// levelNames are the levels' names; where all of them set one factor alone, its
// name is apart.
func levelNames(panels []view.Panel) (swept string, names []string) {
	for i, p := range panels {
		name, value, _ := strings.Cut(levelName(p), "=")
		if i > 0 && name != swept || strings.Contains(value, "=") {
			swept = ""
			break
		}
		swept = name
	}
	for _, p := range panels {
		name := levelName(p)
		if swept != "" {
			name = strings.TrimPrefix(name, swept+"=")
		}
		names = append(names, name)
	}
	return swept, names
}

// without is a level's name without one factor's part.
func without(name, factor string) string {
	var kept []string
	for _, part := range strings.Split(name, ",") {
		if !strings.HasPrefix(part, factor+"=") {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, ", ")
}
