package view

import (
	"fmt"
	"slices"
	"strings"

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
	Arm string
	// Limit is the highest rate, Ends its 95 % interval; of a limit with an open end
	// Limit is the other one, such as "> 2900/s", and Ends is empty.
	Limit, Ends string
	// Holds and Fails are the bracket.
	Holds, Fails string
	// Ratio is to the baseline, Bounds are its ends.
	Ratio, Bounds string
	Trials        string
	Conclusion    v1alpha1.Conclusion
}

// SearchColumns are the titles of a search's columns, but for the arm.
func SearchColumns() []string { return []string{"LIMIT", "HOLDS AT", "FAILS AT", "RATIO", "TRIALS"} }

// SearchLegend says what the columns are.
const SearchLegend = "LIMIT is the rate at which as many trials keep the objective as break it, with the 95 % " +
	"interval that all trials of the search leave; \">\" and \"<\" where it leaves the rates that were tried. " +
	"HOLDS AT and FAILS AT are the bracket that the search ended with, each decided by a vote of trials: where " +
	"trials vary, the limit may lie outside. RATIO is of the limits, with its 95 % interval. " +
	"One session does not tell how much any of it varies from day to day."

// bracketLegend says what ratios of reports without limits are.
const bracketLegend = "HOLDS AT is the highest rate that was found to keep the objective, FAILS AT the lowest " +
	"that was found to break it. " +
	"This report is of a release that gave no interval of the limit: the ratio's ends are the bounds that the two " +
	"brackets leave, which say how fine the search was, not how much rates vary."

// SearchLegendOf is the legend for the searches of a report.
func SearchLegendOf(r v1alpha1.Report) string {
	without := func(s v1alpha1.SearchResult) bool { return s.Ratio != nil && s.Limit == nil }
	if slices.ContainsFunc(r.Searches, without) {
		return bracketLegend
	}
	return SearchLegend
}

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
	row.Limit, row.Ends = limitTexts(s.Limit)
	switch e := s.Ratio; {
	case e != nil && e.Low != nil && e.High != nil:
		row.Ratio, row.Bounds = quantity.Ratio(*e)
		if row.Conclusion = conclusionOf(s); row.Conclusion == v1alpha1.ConclusionNone {
			row.Ratio = "~"
		}
	case !s.Conclusive:
		row.Ratio = "inconclusive"
	}
	return row
}

func limitTexts(l *v1alpha1.RateLimit) (limit, ends string) {
	text := func(rate *float64) string { return quantity.Text(*rate, v1alpha1.UnitPerSecond) }
	switch {
	case l == nil:
		return "-", ""
	case l.Value != nil && l.Low != nil && l.High != nil:
		return text(l.Value), strings.TrimSuffix(text(l.Low), "/s") + ".." + text(l.High)
	case l.Low != nil:
		return "> " + text(l.Low), ""
	case l.High != nil:
		return "< " + text(l.High), ""
	default:
		return "-", ""
	}
}

// conclusionOf is what a search's ratio says; of reports without limits whether the
// brackets leave a difference.
func conclusionOf(s v1alpha1.SearchResult) v1alpha1.Conclusion {
	switch {
	case s.Conclusion != "":
		return s.Conclusion
	case *s.Ratio.High < 1:
		return v1alpha1.ConclusionLower
	case *s.Ratio.Low > 1:
		return v1alpha1.ConclusionHigher
	default:
		return v1alpha1.ConclusionNone
	}
}

// Cells are a row's texts in the order of SearchColumns.
func (s SearchRow) Cells() []string {
	with := func(text, bounds string) string {
		if bounds == "" {
			return text
		}
		return text + " [" + bounds + "]"
	}
	return []string{with(s.Limit, s.Ends), s.Holds, s.Fails, with(s.Ratio, s.Bounds), s.Trials}
}
