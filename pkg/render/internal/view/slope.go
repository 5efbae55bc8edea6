package view

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/slope"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// SlopeTables are what each further step of a factor adds, one for each experiment
// and factor.
func SlopeTables(all []v1alpha1.Slope) []EffectTable {
	var out []EffectTable
	for len(all) > 0 {
		one := all[0]
		n := slices.IndexFunc(all,
			func(s v1alpha1.Slope) bool { return s.Experiment != one.Experiment || s.Factor != one.Factor })
		if n < 0 {
			n = len(all)
		}
		out = append(out, slopeTable(all[:n]))
		all = all[n:]
	}
	return out
}

func slopeTable(all []v1alpha1.Slope) EffectTable {
	t := EffectTable{Title: term.Clean(fmt.Sprintf("%s  each %s adds", all[0].Experiment, all[0].PerUnit))}
	type line struct{ others, arm string }
	type three struct{ own, less, by EffectRow }
	var order []line
	rows := map[line]*three{}
	for _, s := range all {
		others := term.Clean(othersOf(s.Levels[0], s.Factor))
		at := line{others, s.Arm}
		if rows[at] == nil {
			order = append(order, at)
			row := func(name string) EffectRow {
				return EffectRow{Others: others, Arm: name, Entries: map[v1alpha1.Metric]Entry{}}
			}
			name := term.Clean(s.Arm)
			rows[at] = &three{row(name), row(name + " - baseline"), row(name + " / baseline")}
			t.Others = t.Others || others != ""
		}
		r := rows[at]
		r.own.Entries[s.Metric] = slopeEntry(s)
		if s.Difference != nil {
			r.less.Entries[s.Metric] = moreEntry(*s.Difference, s.Unit)
		}
		if s.Ratio != nil {
			lead, interval := quantity.Ratio(*s.Ratio)
			r.by.Entries[s.Metric] = Entry{Lead: lead, Interval: interval}
		}
	}
	for _, at := range order {
		for _, row := range []EffectRow{rows[at].own, rows[at].less, rows[at].by} {
			if len(row.Entries) > 0 {
				t.Rows = append(t.Rows, row)
			}
		}
	}
	t.Columns = slices.DeleteFunc(slope.Metrics(), func(m metric.Metric) bool {
		return !slices.ContainsFunc(all, func(s v1alpha1.Slope) bool { return s.Metric == m.Name })
	})
	t.Note = term.Clean(strings.Join(slopeNotes(all), " "))
	return t
}

func slopeEntry(s v1alpha1.Slope) Entry {
	if s.Value == nil {
		return Entry{Lead: "n/a"}
	}
	lead, interval := quantity.Difference(*s.Value, s.Unit)
	if s.Linearity == v1alpha1.LinearityBent {
		lead += " (bent)"
	}
	return Entry{Lead: lead, Interval: interval}
}

// moreEntry is what an arm's steps add beyond the baseline's.
func moreEntry(e v1alpha1.Estimate, u v1alpha1.Unit) Entry {
	out := Entry{}
	out.Lead, out.Interval = quantity.Difference(e, u)
	switch {
	case e.Low == nil || e.High == nil:
	case *e.Low > 0:
		out.Conclusion = v1alpha1.ConclusionHigher
	case *e.High < 0:
		out.Conclusion = v1alpha1.ConclusionLower
	default:
		out.Lead, out.Conclusion = "~", v1alpha1.ConclusionNone
	}
	return out
}

// slopeNotes say what a table's lines go through, where there are none, and which
// bend.
func slopeNotes(all []v1alpha1.Slope) []string {
	var out []string
	add := func(format string, args ...any) {
		if text := fmt.Sprintf(format, args...); !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	var through []string
	for _, id := range all[0].Levels {
		for _, part := range strings.Split(id, ",") {
			if v, ok := strings.CutPrefix(part, all[0].Factor+"="); ok {
				through = append(through, v)
			}
		}
	}
	add("Least-squares lines over %s %s, one in each round.", all[0].Factor, strings.Join(through, ", "))
	if len(through) == 2 {
		add("Two values are always on a line: a third would tell whether it is one.")
	}
	for _, s := range all {
		if s.Value != nil && s.Rounds < stats.MinPairs {
			add("%s: too few for an interval.", words.Count(s.Rounds, "round has all levels", "rounds have all levels"))
			break
		}
	}
	for _, s := range all {
		own := slices.DeleteFunc(slices.Clone(all), func(o v1alpha1.Slope) bool {
			return o.Arm != s.Arm || o.Levels[0] != s.Levels[0]
		})
		if s.Missing != "" {
			add("%s: %s.", without(own, s), s.Missing)
		}
		if s.Bend != nil {
			add("%s bends: %s is off the line of the other levels by %s, so that not each %s adds the same.", s.Arm,
				s.Bend.Level, bends(own, s.Bend.Level), s.PerUnit)
		}
	}
	return out
}

// without names the arm, and its metrics unless all are missing for one reason.
func without(own []v1alpha1.Slope, s v1alpha1.Slope) string {
	var labels []string
	for _, o := range own {
		if m, _ := metric.Find(o.Metric); o.Missing == s.Missing {
			labels = append(labels, m.Label)
		}
	}
	if len(labels) == len(own) {
		return s.Arm
	}
	return strings.Join(labels, ", ") + " of " + s.Arm
}

// bends are the metrics of an arm of which a level is off the line, with how far.
func bends(own []v1alpha1.Slope, level string) string {
	var all []string
	for _, o := range own {
		if o.Bend == nil || o.Bend.Level != level {
			continue
		}
		m, _ := metric.Find(o.Metric)
		off, _ := quantity.Difference(v1alpha1.Estimate{Value: o.Bend.Off}, o.Unit)
		all = append(all, off+" "+m.Label)
	}
	return strings.Join(all, ", ")
}

// SlopeLegend says how tables of slopes are read.
const SlopeLegend = "Slopes: mean over rounds with 95 % intervals, against the baseline in the same rounds; ~ where " +
	"the interval holds 0, no ratio where either may be 0. Means and CPU time add up over steps. Percentiles do not: " +
	"theirs say how they rose here, not what one service's is."
