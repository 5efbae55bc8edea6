package text

import (
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/view"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// record is one metric of one arm beside that of the baseline.
type record struct {
	metric, baseline, arm string
	// first is set for the first arm of a metric: what they have in common is
	// written once.
	first bool
	value string
	// rounds is from the lowest round to the highest, of an arm that stands alone.
	rounds string
	// ratio may be a word: "~", "void".
	ratio, interval     string
	difference, between string
	p                   string
	paint               func(string) string
}

// records are the lines of a panel: all arms of a metric, then the next metric.
func (w *tableWriter) records(columns []metric.Metric, p view.Panel) []record {
	baseline, others := split(p)
	var all []record
	for _, m := range columns {
		base := ""
		if baseline != nil && hasData(*baseline) {
			base = w.absolute(*baseline, m)
		}
		if len(others) == 0 && base != "" {
			e := baseline.Entries[m.Name]
			w.ranges = w.ranges || e.Rounds != ""
			all = append(all, record{metric: m.Column, first: true, value: base, rounds: e.Rounds})
		}
		for i, row := range others {
			one := w.record(row, m)
			one.metric, one.baseline, one.first = m.Column, base, i == 0
			all = append(all, one)
		}
	}
	return all
}

// record is what is said of a metric of an arm that is compared.
func (w *tableWriter) record(row view.Row, m metric.Metric) record {
	e := row.Entries[m.Name]
	one := record{arm: term.Clean(row.Arm.Name), value: w.absolute(row, m), paint: w.paintOf(e, m)}
	if m.OneSample {
		return one
	}
	w.inconclusive = w.inconclusive || e.Lead == "inconclusive" && e.Conclusion == v1alpha1.ConclusionInconclusive
	one.ratio, one.interval = e.Lead, e.Interval
	one.difference, one.between, one.p = e.Difference, e.Between, e.PValue
	if e.DifferenceLeads {
		one.ratio = ""
	}
	if e.Interval == view.OneRound {
		one.interval, w.single = "1 round", true // the legend says the rest
	}
	return one
}

// split takes the baseline apart from those that are compared with it, without
// arms that nothing is known of.
func split(p view.Panel) (baseline *view.Row, others []view.Row) {
	for i, r := range p.Rows {
		switch {
		case r.Arm.Role == v1alpha1.RoleBaseline:
			baseline = &p.Rows[i]
		case hasData(r):
			others = append(others, r)
		}
	}
	return baseline, others
}

func hasData(r view.Row) bool { return len(r.Cell.Values) > 0 && r.Cell.Rounds > 0 }

// absolute keeps columns narrow: the legend says what n/a means, and why something
// was not measured.
func (w *tableWriter) absolute(row view.Row, m metric.Metric) string {
	e := row.Entries[m.Name]
	w.reasons.Add(row, m)
	if e.Missing && strings.HasPrefix(e.Absolute, "n/a") {
		w.refused = true
		return "n/a"
	}
	return e.Absolute
}

// paintOf colours what got better or worse; the words say the same.
func (w *tableWriter) paintOf(e view.Entry, m metric.Metric) func(string) string {
	worse := v1alpha1.ConclusionHigher
	if m.MoreIsBetter {
		worse = v1alpha1.ConclusionLower
	}
	switch e.Conclusion {
	case v1alpha1.ConclusionHigher, v1alpha1.ConclusionLower:
		if e.Conclusion == worse {
			return w.style.Red
		}
		return w.style.Green
	case v1alpha1.ConclusionVoid, v1alpha1.ConclusionInconclusive, v1alpha1.ConclusionOverloaded, v1alpha1.ConclusionBound:
		return w.style.Yellow
	default:
		return w.style.Bold
	}
}
