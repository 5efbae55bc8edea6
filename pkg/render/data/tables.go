package data

import (
	"encoding/csv"
	"io"
	"strconv"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/effect"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// Table is one file of several that hold a report as tables.
type Table struct {
	Name  string
	Write func(io.Writer) error
}

// Tables are a report as tables: what CSV writes, the comparisons, effects and
// slopes with their intervals, and what happened in each second of each trial.
func Tables(r v1alpha1.Report) []Table {
	return []Table{
		{"observations.csv", func(out io.Writer) error { return CSV(out, r, term.Style{}) }},
		{"comparisons.csv", func(out io.Writer) error { return comparisonsCSV(out, r) }},
		{"effects.csv", func(out io.Writer) error { return effectsCSV(out, r) }},
		{"slopes.csv", func(out io.Writer) error { return slopesCSV(out, r) }},
		{"seconds.csv", func(out io.Writer) error { return secondsCSV(out, r) }},
	}
}

// rows writes a table; every text in it is harmless to a spreadsheet.
func rows(out io.Writer, head []string, all [][]string) error {
	w := csv.NewWriter(out)
	if err := w.Write(head); err != nil {
		return err
	}
	for _, row := range all {
		if err := w.Write(row); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

func comparisonsCSV(out io.Writer, r v1alpha1.Report) error {
	var all [][]string
	for _, c := range r.Comparisons {
		row := []string{harmless(r.Run.ID), harmless(c.Experiment), harmless(c.Level), harmless(c.Arm),
			harmless(string(c.Metric)), strconv.Itoa(c.Pairs), harmless(string(c.Conclusion))}
		row = append(append(row, estimated(c.Ratio)...), estimated(c.Difference)...)
		all = append(all, append(row, maybe(c.TestPValue), maybe(c.AdjustedPValue)))
	}
	return rows(out, []string{"run", "experiment", "level", "arm", "metric", "rounds", "conclusion", "ratio", "ratioLow",
		"ratioHigh", "difference", "differenceLow", "differenceHigh", "p", "adjustedP"}, all)
}

func effectsCSV(out io.Writer, r v1alpha1.Report) error {
	var all [][]string
	for _, e := range effect.Of(r) {
		row := []string{harmless(r.Run.ID), harmless(e.Experiment), harmless(e.Level), harmless(e.Reference.Experiment),
			harmless(e.Reference.Level), harmless(e.Arm), harmless(e.Factor), harmless(e.Value), harmless(e.First),
			harmless(string(e.Of)), harmless(string(e.Metric)), strconv.FormatBool(e.Paired), strconv.Itoa(e.Rounds),
			harmless(string(e.Conclusion))}
		all = append(all, append(append(row, estimated(e.Ratio)...), maybe(e.TestPValue), maybe(e.AdjustedPValue)))
	}
	return rows(out, []string{"run", "experiment", "level", "referenceExperiment", "referenceLevel", "arm", "factor",
		"value", "first", "of", "metric", "paired", "rounds", "conclusion", "ratio", "ratioLow", "ratioHigh", "p",
		"adjustedP"}, all)
}

func secondsCSV(out io.Writer, r v1alpha1.Report) error {
	var all [][]string
	for _, t := range r.Trials {
		for _, s := range t.Series {
			all = append(all, []string{harmless(r.Run.ID), harmless(t.ID), harmless(t.Experiment), harmless(t.Level),
				harmless(t.Arm), strconv.Itoa(t.Round), strconv.FormatBool(t.Usable()), strconv.Itoa(s.OffsetSeconds),
				strconv.FormatInt(s.Requests, 10), strconv.FormatInt(s.Errors, 10), maybe(s.P50Seconds), maybe(s.P99Seconds)})
		}
	}
	return rows(out, []string{"run", "trial", "experiment", "level", "arm", "round", "usable", "offsetSeconds", "requests",
		"errors", "p50Seconds", "p99Seconds"}, all)
}

// estimated are a value and its interval; empty where there is none.
func estimated(e *v1alpha1.Estimate) []string {
	if e == nil {
		return []string{"", "", ""}
	}
	return []string{exact(e.Value), maybe(e.Low), maybe(e.High)}
}

func maybe(v *float64) string {
	if v == nil {
		return ""
	}
	return exact(*v)
}
