// Package view arranges a report as people read it: which tables there are, with
// their texts in them, what ran where, and what to know of it. How that looks
// is up to the formats. It is pure.
package view

import (
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

// Panel is the comparison of all arms at one level of one experiment, as every
// format for people shows it.
type Panel struct {
	Experiment v1alpha1.Experiment
	Level      v1alpha1.Level
	Rows       []Row
	// Ceiling is what the cluster does at this level without a mesh, if known.
	Ceiling *v1alpha1.Ceiling
}

// Row is one arm.
type Row struct {
	Arm     v1alpha1.Arm
	Cell    v1alpha1.Cell
	Entries map[v1alpha1.Metric]Entry
}

// Entry is what is said of one metric of one arm. All texts may be empty.
type Entry struct {
	// Lead is what is said first: a ratio, "~", "inconclusive", "void".
	Lead       string
	Conclusion v1alpha1.Conclusion
	// Interval is of the ratio, at 95 %.
	Interval string
	// Absolute is the arm's own value, or why there is none.
	Absolute string
	Missing  bool
	// Why is the whole reason for that.
	Why string
	// Rounds is from the lowest to the highest round, of an arm that stands alone.
	Rounds string
	// Difference is the arm's value less the baseline's, in the metric's unit, and
	// Between its 95 % interval; DifferenceLeads is set where there is no ratio.
	Difference, Between string
	DifferenceLeads     bool
	// PValue is of the test that decided.
	PValue string
}

// Cost is the difference with its interval, if it has one: "+503 µs (499..507)".
func (e Entry) Cost() string {
	if e.Between == "" {
		return e.Difference
	}
	return e.Difference + " (" + e.Between + ")"
}

// Panels arranges a report; a level that the experiment does not have any more
// is not shown.
func Panels(r v1alpha1.Report) []Panel {
	index := report.IndexOf(r)
	var all []Panel
	for _, e := range r.Experiments {
		if e.Spec.Search != nil {
			continue // see SearchTables
		}
		for _, level := range experiment.Levels(e) {
			at := v1alpha1.Address{Experiment: e.Metadata.Name, Level: level.ID}
			p := Panel{Experiment: e, Level: level, Ceiling: ceilingOf(index, at)}
			arms := experiment.Arms(e, r.Arms)
			for _, arm := range arms {
				p.Rows = append(p.Rows, rowOf(index, arm, at.Of(arm.Name), len(arms) == 1))
			}
			all = append(all, p)
		}
	}
	return all
}

// rowOf sums up an arm; one that stands alone has nothing to be paired with, so
// its rounds say how far it is to be trusted.
func rowOf(x report.Index, arm v1alpha1.Arm, at v1alpha1.Address, alone bool) Row {
	cell, _ := x.Cell(at)
	cell.Address = at // also where there is none
	out := Row{Arm: arm, Cell: cell, Entries: map[v1alpha1.Metric]Entry{}}
	for _, v := range cell.Values {
		e := Entry{Absolute: term.Clean(briefly(v)), Missing: v.Value == nil, Why: term.Clean(v.Missing)}
		if v.Value != nil {
			e.Absolute = quantity.Text(*v.Value, v.Unit)
		}
		if alone {
			e.Rounds = rangeOf(v)
		}
		if v.Metric == v1alpha1.MetricErrors && cell.Errors > 0 {
			e.Absolute = words.Thousands(cell.Errors) + " (" + e.Absolute + ")"
		}
		if c, ok := x.Comparison(at, v.Metric); ok && v.Value != nil {
			judge(&e, c, v.Unit)
		}
		out.Entries[v.Metric] = e
	}
	return out
}

func judge(e *Entry, c v1alpha1.Comparison, unit v1alpha1.Unit) {
	e.Conclusion = c.Conclusion
	switch c.Conclusion {
	case v1alpha1.ConclusionVoid:
		e.Lead = "void"
		return
	case v1alpha1.ConclusionOverloaded, v1alpha1.ConclusionBound:
		e.Lead = strings.ReplaceAll(string(c.Conclusion), "-", " ")
		return
	case v1alpha1.ConclusionInconclusive:
		e.Lead = "inconclusive"
		if c.Pairs == 1 && c.Ratio != nil {
			e.Lead, e.Interval = "x"+quantity.Times(c.Ratio.Value), OneRound
			e.difference(c, unit)
		}
		return
	case v1alpha1.ConclusionNone:
		e.Lead = "~"
	default:
		if c.Ratio != nil {
			e.Lead = "x" + quantity.Times(c.Ratio.Value)
		} else if c.Difference != nil {
			e.Lead, _ = quantity.Difference(*c.Difference, unit)
			e.DifferenceLeads = true
		}
	}
	if c.Ratio != nil {
		_, e.Interval = quantity.Ratio(*c.Ratio)
	}
	if p := DecidingP(c); p != nil {
		e.PValue = PText(*p)
	}
	e.difference(c, unit)
}

// difference says what an arm adds, in the metric's own unit.
func (e *Entry) difference(c v1alpha1.Comparison, unit v1alpha1.Unit) {
	if c.Difference != nil {
		e.Difference, e.Between = quantity.Difference(*c.Difference, unit)
	}
}

// OneRound stands where a ratio would have its interval.
const OneRound = "1 round, no interval"

// DecidingP is the p of the test that decided; nil where none did, as in reports
// of releases that went by the interval.
func DecidingP(c v1alpha1.Comparison) *float64 {
	if c.DecidedBy == v1alpha1.DecidedByAdjustedP {
		return c.AdjustedPValue
	}
	return nil
}

// PText writes a p value; how far it is below one in ten thousand says nothing.
func PText(p float64) string {
	if p < 0.0001 {
		return "p<0.0001"
	}
	return "p=" + quantity.Significant(p)
}

// rangeOf is from the lowest to the highest round; empty of fewer than two.
func rangeOf(v v1alpha1.MetricValue) string {
	if len(v.PerRound) < 2 {
		return ""
	}
	low, high := v.PerRound[0].Value, v.PerRound[0].Value
	for _, r := range v.PerRound {
		low, high = min(low, r.Value), max(high, r.Value)
	}
	if low == high {
		return ""
	}
	return quantity.Text(low, v.Unit) + ".." + quantity.Text(high, v.Unit)
}

func ceilingOf(x report.Index, at v1alpha1.Address) *v1alpha1.Ceiling {
	if c, ok := x.Ceiling(at); ok {
		return &c
	}
	return nil
}
