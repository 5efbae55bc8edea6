// Package compare sets two reports against each other. Absolute figures of two
// sessions differ for many reasons; what a mesh costs relative to the baseline
// beside it hardly does, so that is what is compared. It is pure.
package compare

import (
	"math"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// Word is what a change amounts to.
type Word string

// The words.
const (
	Regression  Word = "regression"
	Improvement Word = "improvement"
	NoEvidence  Word = "no evidence"
	Unknown     Word = "inconclusive"
)

// Change is how one metric of one arm, relative to its baseline, differs
// between two reports.
type Change struct {
	v1alpha1.Address
	Metric v1alpha1.Metric `json:"metric"`
	// Before and After are the ratios to the baseline.
	Before *v1alpha1.Estimate `json:"before,omitempty"`
	After  *v1alpha1.Estimate `json:"after,omitempty"`
	// Factor is After / Before, with a 95 % interval by Welch's t test on the
	// logarithms of the ratios of all rounds; of [MaxRate] the bounds that the
	// brackets leave.
	Factor *v1alpha1.Estimate `json:"factor,omitempty"`
	Word   Word               `json:"word"`
}

// Result is the comparison of two reports.
type Result struct {
	Changes []Change `json:"changes"`
	// Warnings say why the two may not be comparable.
	Warnings []string `json:"warnings,omitempty"`
}

// Reports compares what both reports hold.
func Reports(before, after v1alpha1.Report) Result {
	r := Result{Warnings: differences(before, after)}
	was, is := report.IndexOf(before), report.IndexOf(after)
	for _, b := range before.Comparisons {
		a, both := is.Comparison(b.Address, b.Metric)
		m, _ := metric.Find(b.Metric)
		// The control is the baseline, and what it differs by is noise.
		if both && m.Judged && was.Role(b.Arm) != v1alpha1.RoleControl &&
			is.Role(a.Arm) != v1alpha1.RoleControl {
			r.Changes = append(r.Changes, change(m, was, is, b, a))
		}
	}
	rates, warnings := searches(before, was, is)
	r.Changes, r.Warnings = append(r.Changes, rates...), append(r.Warnings, warnings...)
	if len(r.Changes) == 0 {
		r.Warnings = append(r.Warnings, "the reports have no arm, level and experiment in common")
	}
	return r
}

// Count is how many changes have that word.
func (r Result) Count(w Word) int {
	n := 0
	for _, c := range r.Changes {
		if c.Word == w {
			n++
		}
	}
	return n
}

// resolution is the relative error of the histograms, and how close to its rate
// an open schedule runs. However sure, a change below it is none.
const resolution = 0.001

func change(m metric.Metric, before, after report.Index, b, a v1alpha1.Comparison) Change {
	c := Change{Address: b.Address, Metric: b.Metric, Before: b.Ratio, After: a.Ratio, Word: Unknown}
	if b.Conclusion == v1alpha1.ConclusionVoid || a.Conclusion == v1alpha1.ConclusionVoid {
		return c
	}
	factor, ok := stats.WelchRatio(logRatios(after, a), logRatios(before, b))
	if !ok {
		return c
	}
	c.Factor = &factor
	switch {
	case math.Abs(factor.Value-1) <= resolution:
		c.Word = NoEvidence
	case *factor.Low > 1 && m.MoreIsBetter, *factor.High < 1 && !m.MoreIsBetter:
		c.Word = Improvement
	case *factor.Low > 1, *factor.High < 1:
		c.Word = Regression
	default:
		c.Word = NoEvidence
	}
	return c
}

// logRatios are the logarithms of arm / baseline of each round that has both.
func logRatios(x report.Index, c v1alpha1.Comparison) []float64 {
	perRound := func(at v1alpha1.Address) []v1alpha1.RoundValue {
		cell, _ := x.Cell(at)
		v, _ := report.Value(cell, c.Metric)
		return v.PerRound
	}
	base := map[int]float64{}
	for _, one := range perRound(c.Of(x.Baseline().Name)) {
		base[one.Round] = one.Value
	}
	var logs []float64
	for _, one := range perRound(c.Address) {
		if b, ok := base[one.Round]; ok && b > 0 && one.Value > 0 {
			logs = append(logs, math.Log(one.Value)-math.Log(b))
		}
	}
	return logs
}
