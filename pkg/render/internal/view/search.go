package view

import (
	"fmt"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

// SearchTable is what one search found for all arms at one level, as every
// format for people shows it.
type SearchTable struct {
	Title, Setting string
	Rows           []SearchRow
}

// SearchRow is one arm. Texts are empty where there is nothing to say.
type SearchRow struct {
	Arm, Holds, Fails, Ratio, Bounds, Trials string
	Conclusion                               v1alpha1.Conclusion
}

// SearchColumns are the titles of a search's columns, but for the arm.
func SearchColumns() []string { return []string{"HOLDS AT", "FAILS AT", "RATIO", "TRIALS"} }

// SearchLegend says what the columns are, and what the ratio's ends are not.
const SearchLegend = "HOLDS AT is the highest rate that was found to keep the objective, FAILS AT the lowest that was found to break it; both are confirmed unless inconclusive. " +
	"The ratio's ends are the bounds that the two brackets leave, no 95 % interval: one search an arm does not tell how much rates vary."

// SearchTables arranges the searches of a report.
func SearchTables(r v1alpha1.Report) []SearchTable {
	index := report.IndexOf(r)
	var all []SearchTable
	for _, e := range r.Experiments {
		if e.Spec.Search == nil {
			continue
		}
		for _, level := range experiment.Levels(e) {
			at := v1alpha1.Address{Experiment: e.Metadata.Name, Level: level.ID}
			t := SearchTable{Title: e.Metadata.Name, Setting: searchSetting(e, level, ceilingOf(index, at))}
			if level.ID != experiment.DefaultLevel {
				t.Title += "  " + level.ID
			}
			for _, arm := range r.Arms {
				if s, ok := index.Search(at.Of(arm.Name)); ok {
					t.Rows = append(t.Rows, SearchRowOf(s))
				}
			}
			all = append(all, t)
		}
	}
	return all
}

func searchSetting(e v1alpha1.Experiment, level v1alpha1.Level, c *v1alpha1.Ceiling) string {
	s := e.Spec.Search
	text := workload(e.Spec, level, "highest rate with "+s.SLO) +
		fmt.Sprintf("; trials of %s", e.Spec.Schedule.Duration.Duration) + warmup(e.Spec.Schedule) +
		fmt.Sprintf("; to within %.3g %%, confirmed by %s", 100*s.Resolution, words.Count(s.Confirmations, "trial", "trials"))
	if c != nil {
		text += fmt.Sprintf("; ceiling without a mesh: %s (%s)", quantity.Text(c.PerSecond, v1alpha1.UnitPerSecond), c.Source)
	}
	return text
}

// SearchRowOf puts what a search found for one arm into words.
func SearchRowOf(s v1alpha1.SearchResult) SearchRow {
	row := SearchRow{Arm: s.Arm, Holds: "-", Fails: "-", Conclusion: v1alpha1.ConclusionInconclusive}
	if s.HoldsAt != nil {
		row.Holds = quantity.Text(*s.HoldsAt, v1alpha1.UnitPerSecond)
	}
	if s.FailsAt != nil {
		row.Fails = quantity.Text(*s.FailsAt, v1alpha1.UnitPerSecond)
	}
	trials := 0
	for _, step := range s.Steps {
		trials += step.Holds + step.Fails + step.Void
	}
	if s.Probe != nil {
		trials++
	}
	row.Trials = fmt.Sprint(trials)
	switch e := s.Ratio; {
	case !s.Conclusive:
		row.Ratio = "inconclusive"
	case e != nil && e.Low != nil && e.High != nil:
		row.Ratio, row.Bounds = "x"+quantity.Times(e.Value), quantity.Times(*e.Low)+".."+quantity.Times(*e.High)
		switch {
		case *e.High < 1:
			row.Conclusion = v1alpha1.ConclusionLower
		case *e.Low > 1:
			row.Conclusion = v1alpha1.ConclusionHigher
		default:
			row.Ratio, row.Conclusion = "~", v1alpha1.ConclusionNone
		}
	}
	return row
}

// Cells are a row's texts in the order of SearchColumns.
func (s SearchRow) Cells() []string {
	ratio := s.Ratio
	if s.Bounds != "" {
		ratio += " [" + s.Bounds + "]"
	}
	return []string{s.Holds, s.Fails, ratio, s.Trials}
}
