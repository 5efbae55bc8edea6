package render

import (
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

// searchTable is what one search found for all arms at one level, as every
// format for people shows it.
type searchTable struct {
	title, setting string
	rows           []searchRow
}

// searchRow is one arm. Texts are empty where there is nothing to say.
type searchRow struct {
	arm, holds, fails, ratio, bounds, trials string
	evidence                                 v1alpha1.Evidence
}

func searchColumns() []string { return []string{"HOLDS AT", "FAILS AT", "RATIO", "TRIALS"} }

// searchLegend says what the columns are, and what the ratio's ends are not.
const searchLegend = "HOLDS AT is the highest rate that was found to keep the objective, FAILS AT the lowest that was found to break it; both are confirmed unless inconclusive. " +
	"The ratio's ends are the bounds that the two brackets leave, no 95 % interval: one search an arm does not tell how much rates vary."

// searchTables arranges the searches of a report.
func searchTables(r v1alpha1.Report) []searchTable {
	index := report.IndexOf(r)
	var all []searchTable
	for _, e := range r.Experiments {
		if e.Spec.Search == nil {
			continue
		}
		for _, level := range experiment.Levels(e) {
			at := v1alpha1.Address{Experiment: e.Metadata.Name, Level: level.ID}
			t := searchTable{title: e.Metadata.Name, setting: searchSetting(e, level, ceilingOf(index, at))}
			if level.ID != experiment.DefaultLevel {
				t.title += "  " + level.ID
			}
			for _, arm := range r.Arms {
				if s, ok := index.Search(at.Of(arm.Name)); ok {
					t.rows = append(t.rows, searchRowOf(s))
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
		text += fmt.Sprintf("; ceiling without a mesh: %s (%s)", value(c.PerSecond, v1alpha1.UnitPerSecond), c.Source)
	}
	return text
}

func searchRowOf(s v1alpha1.SearchResult) searchRow {
	row := searchRow{arm: s.Arm, holds: "-", fails: "-", evidence: v1alpha1.EvidenceInconclusive}
	if s.HoldsAt != nil {
		row.holds = value(*s.HoldsAt, v1alpha1.UnitPerSecond)
	}
	if s.FailsAt != nil {
		row.fails = value(*s.FailsAt, v1alpha1.UnitPerSecond)
	}
	trials := 0
	for _, step := range s.Steps {
		trials += step.Holds + step.Fails + step.Void
	}
	if s.Probe != nil {
		trials++
	}
	row.trials = fmt.Sprint(trials)
	switch e := s.Ratio; {
	case !s.Conclusive:
		row.ratio = "inconclusive"
	case e != nil && e.Low != nil && e.High != nil:
		row.ratio, row.bounds = "x"+times(e.Value), times(*e.Low)+".."+times(*e.High)
		switch {
		case *e.High < 1:
			row.evidence = v1alpha1.EvidenceLower
		case *e.Low > 1:
			row.evidence = v1alpha1.EvidenceHigher
		default:
			row.ratio, row.evidence = "~", v1alpha1.EvidenceNone
		}
	}
	return row
}

// cells are a row's texts in the order of searchColumns.
func (s searchRow) cells() []string {
	ratio := s.ratio
	if s.bounds != "" {
		ratio += " [" + s.bounds + "]"
	}
	return []string{s.holds, s.fails, ratio, s.trials}
}

func (t searchTable) html(number int) htmlPanel {
	out := htmlPanel{ID: fmt.Sprintf("level-%d", number), Title: "Results", Setting: term.Clean(t.setting), Open: true,
		Columns: searchColumns()}
	for _, row := range t.rows {
		ratio := htmlCell{Absolute: row.ratio}
		if row.ratio != "" {
			ratio = htmlCell{Lead: strings.Replace(row.ratio, "x", "×", 1),
				Class: direction(metric.Throughput(), row.evidence), Interval: row.bounds}
		}
		out.Rows = append(out.Rows,
			htmlRow{Arm: term.Clean(row.arm),
				Cells: []htmlCell{{Absolute: row.holds}, {Absolute: row.fails}, ratio, {Absolute: row.trials}}})
	}
	return out
}
