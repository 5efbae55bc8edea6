// Package compare sets reports against each other. Absolute figures of two
// sessions differ for many reasons; what a mesh costs relative to the baseline
// beside it hardly does, so that is what is compared. It is pure.
package compare

import (
	"fmt"
	"math"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// Word is what a change amounts to.
type Word string

// The words.
const (
	// Regression and Improvement: beyond the least relevant change.
	Regression  Word = "regression"
	Improvement Word = "improvement"
	// Equivalent: within the least relevant change, in both directions.
	Equivalent Word = "equivalent"
	// Undecided: the noise allows more than one of these.
	Undecided Word = "undecided"
	// Unknown: a report, or too few rounds, forbid to decide; Reason says why.
	Unknown Word = "inconclusive"
)

// Change is how one metric of one arm, relative to its baseline, differs
// between two sides.
type Change struct {
	v1alpha1.Address
	Metric v1alpha1.Metric `json:"metric"`
	// Before and After are the ratios to the baseline.
	Before *v1alpha1.Estimate `json:"before,omitempty"`
	After  *v1alpha1.Estimate `json:"after,omitempty"`
	// Factor is After / Before, with a 95 % interval by a t test on the logarithms:
	// of the ratios of all rounds (Welch), or of reports where a side has several.
	// Of [MaxRate] it is what the ends of two intervals leave at most. The interval is not
	// adjusted for the number of comparisons; Word is.
	Factor *v1alpha1.Estimate `json:"factor,omitempty"`
	// Difference is, of a share of requests, After - Before of arm - baseline.
	Difference *v1alpha1.Estimate `json:"difference,omitempty"`
	Word       Word               `json:"word"`
	// Reason says why nothing could be decided.
	Reason string `json:"reason,omitempty"`

	// shift is what is tested; first is set of what the level asks first, and
	// blocked where a report forbids to judge.
	shift          *stats.Shift
	first, blocked bool
}

// Unit is what is repeated in a comparison, and so what its intervals are over.
type Unit string

// The units: rounds of one report a side, or the reports where a side has several.
const (
	UnitRound  Unit = "round"
	UnitReport Unit = "report"
)

// Result is the comparison of two sides.
type Result struct {
	Changes []Change `json:"changes"`
	// MinChange is the least relevant change, as a share: 0.05 is a factor of 1.05.
	MinChange float64 `json:"minChange"`
	// Tests is how many comparisons were judged together.
	Tests int `json:"tests"`
	// Unit is what was repeated.
	Unit Unit `json:"unit"`
	// SessionsBefore and SessionsAfter are how many sessions each side was measured in,
	// by the windows of its trials; 0 where no trial has a clock.
	SessionsBefore int `json:"sessionsBefore,omitempty"`
	SessionsAfter  int `json:"sessionsAfter,omitempty"`
	// Warnings say why the two may not be comparable.
	Warnings []string `json:"warnings,omitempty"`
}

// MinChange is the least relevant change unless another one is asked for.
const MinChange = 0.05

// Reports compares what two reports hold.
func Reports(before, after v1alpha1.Report) Result {
	return Sides([]v1alpha1.Report{before}, []v1alpha1.Report{after}, MinChange)
}

// Sides compares what both sides hold, at least one report each. With several
// reports on a side the reports are the unit, else the rounds.
func Sides(before, after []v1alpha1.Report, minChange float64) Result {
	s := newSides(before, after)
	r := Result{MinChange: minChange, Unit: UnitRound, Warnings: allDifferences(before, after)}
	if s.several() {
		r.Unit = UnitReport
	}
	r.SessionsBefore, r.SessionsAfter = sessionsOf(before), sessionsOf(after)
	r.Warnings = append(r.Warnings, sameSession("before", before, r.SessionsBefore)...)
	r.Warnings = append(r.Warnings, sameSession("after", after, r.SessionsAfter)...)
	for _, c := range s.common() {
		m, ok := metric.Find(c.Metric)
		if ok && gated(m) && s.measured(c.Address, m) {
			r.Changes = append(r.Changes, s.change(m, c.Address))
		}
	}
	r.Tests = decide(r.Changes, minChange)
	rates, warnings := searches(before[0], s.before[0], s.after[0])
	r.Changes, r.Warnings = append(r.Changes, rates...), append(r.Warnings, warnings...)
	r.Warnings = append(r.Warnings, s.baselines()...)
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

// Undecided is why a gate cannot pass without a regression: a report forbids to
// judge a change, or what a level asks first (the throughput of a closed loop, the
// median of a schedule) is not decided. It is empty if it can.
func (r Result) Undecided() string {
	for _, c := range r.Changes {
		if c.blocked {
			return c.String() + " is not judged: " + c.Reason
		}
	}
	for _, c := range r.Changes {
		switch {
		case c.first && c.Word == Undecided:
			return c.String() + " is undecided: more rounds, or more reports on a side, would tell more"
		case c.first && c.Word == Unknown:
			return c.String() + " is not judged: " + c.Reason
		}
	}
	if r.Tests == 0 {
		return "no change could be decided: the warnings say why"
	}
	return r.unasked()
}

// unasked names a level of which no change is what it asks first.
func (r Result) unasked() string {
	asked := map[v1alpha1.Address]bool{}
	for _, c := range r.Changes {
		asked[c.Address] = asked[c.Address] || c.first || c.Metric == MaxRate
	}
	for _, c := range r.Changes {
		if !asked[c.Address] {
			return fmt.Sprintf("neither report has the throughput (closed loop) or the median (schedule) of %s in %s, %s",
				c.Arm, c.Experiment, c.Level)
		}
	}
	return ""
}

// String names the change.
func (c Change) String() string {
	return fmt.Sprintf("%s of %s in %s, %s,", c.Metric, c.Arm, c.Experiment, c.Level)
}

// gated metrics are those that a comparison judges: what a table shows.
func gated(m metric.Metric) bool {
	return m.Judged || m.Shown == metric.InTable && !m.OneSample
}

// impossible is a logarithm of a factor beyond all that is measured: a second
// is exp(21) nanoseconds. Only an edited report has one, or what is not a number.
const impossible = 100

// change sets one metric of one arm side by side, without a word yet.
func (s sides) change(m metric.Metric, at v1alpha1.Address) Change {
	c := Change{Address: at, Metric: m.Name, Word: Unknown, first: s.first(at, m.Name)}
	b, had := s.before[0].Comparison(at, m.Name)
	a, has := s.after[0].Comparison(at, m.Name)
	c.Before, c.After = b.Ratio, a.Ratio
	share := m.ByDifference()
	if share {
		c.Before, c.After = b.Difference, a.Difference
	}
	if c.Reason = s.forbidden(at, m); c.Reason != "" {
		c.blocked = true
		return c
	}
	if !had || !has {
		c.Reason = "only one of the reports has it"
		return c
	}
	shift, ok := s.shift(at, m)
	if !ok {
		c.Reason = s.tooFew()
		return c
	}
	low, high := shift.Interval()
	if !(math.Abs(low) < impossible && math.Abs(high) < impossible) {
		c.Reason, c.blocked = "its values cannot be those of a measurement", true
		return c
	}
	c.shift = &shift
	if s.several() {
		c.Before, c.After = over(s.before, at, m), over(s.after, at, m)
	}
	if share {
		c.Difference = &v1alpha1.Estimate{Value: shift.Value, Low: &low, High: &high}
		return c
	}
	low, high = math.Exp(low), math.Exp(high)
	c.Factor = &v1alpha1.Estimate{Value: math.Exp(shift.Value), Low: &low, High: &high}
	return c
}
