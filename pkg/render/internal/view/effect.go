package view

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// EffectTable is what one factor of one experiment does to each arm, or what each
// step of it adds.
type EffectTable struct {
	Title string
	// Note qualifies the table; it may be empty.
	Note string
	// Factor heads the column of the factor's values, which a table of slopes has not:
	// it is empty there. Others is set where its rows
	// belong to several settings of other factors.
	Factor  string
	Others  bool
	Columns []metric.Metric
	Rows    []EffectRow
}

// EffectRow is one arm, or its ratio to the baseline, at one value of the factor.
type EffectRow struct {
	Value, Others, Arm string
	Entries            map[v1alpha1.Metric]Entry
}

// mostEffectRows is how many rows a short table has before it shows no more than
// the last value of its factor.
const mostEffectRows = 12

// EffectTables arranges effects; those that are not detailed show the leading
// metrics, and stay short.
func EffectTables(all []v1alpha1.Effect, detailed bool) []EffectTable {
	type subject struct{ experiment, against, factor, first string }
	var order []subject
	groups := map[subject][]v1alpha1.Effect{}
	for _, e := range all {
		s := subject{e.Experiment, e.Reference.Experiment, e.Factor, e.First}
		if groups[s] == nil {
			order = append(order, s)
		}
		groups[s] = append(groups[s], e)
	}
	var out []EffectTable
	for _, s := range order {
		t := effectTable(groups[s], detailed)
		name, against := s.experiment, s.first
		if s.experiment != s.against {
			name, against = s.experiment+" against "+s.against, s.first+" of "+s.against
			t.Note = "The experiments ran one after the other: two samples, not pairs of one round."
		}
		t.Title, t.Note = term.Clean(fmt.Sprintf("%s  %s against %s", name, s.factor, against)), term.Clean(t.Note)
		out = append(out, t)
	}
	return out
}

func effectTable(all []v1alpha1.Effect, detailed bool) EffectTable {
	t := EffectTable{Factor: strings.ToUpper(all[0].Factor)}
	type line struct{ value, others, arm string }
	rows := map[line]int{}
	inconclusive := true
	for _, e := range all {
		others := othersOf(e.Level, e.Factor)
		at := line{e.Value, others, e.Arm + string(e.Of)}
		i, seen := rows[at]
		if !seen {
			i = len(t.Rows)
			rows[at] = i
			t.Rows = append(t.Rows, EffectRow{Value: term.Clean(e.Value), Others: term.Clean(others), Arm: effectArm(e),
				Entries: map[v1alpha1.Metric]Entry{}})
			t.Others = t.Others || others != ""
		}
		t.Rows[i].Entries[e.Metric] = EffectEntry(e)
		inconclusive = inconclusive && e.Conclusion == v1alpha1.ConclusionInconclusive
	}
	wanted := metric.Leading()
	if detailed {
		wanted = metric.Table(true)
	}
	t.Columns = slices.DeleteFunc(wanted, func(m metric.Metric) bool {
		return !slices.ContainsFunc(t.Rows, func(r EffectRow) bool {
			e, ok := r.Entries[m.Name]
			return ok && (m.Usual == nil && m.Beside == "" || e.Conclusion != v1alpha1.ConclusionNone)
		})
	})
	if inconclusive {
		t.Rows, t.Note = nil, "Inconclusive: fewer than 4 rounds have values at both."
	}
	if last := all[len(all)-1].Value; !detailed && len(t.Rows) > mostEffectRows {
		before := len(t.Rows)
		t.Rows = slices.DeleteFunc(t.Rows, func(r EffectRow) bool { return r.Value != term.Clean(last) })
		if n := before - len(t.Rows); n > 0 {
			t.Note = fmt.Sprintf("Only %s is shown; -o wide has %s more.", last, words.Count(n, "row", "rows"))
		}
	}
	return t
}

// othersOf is what a level's id says of the other factors.
func othersOf(level, factor string) string {
	var rest []string
	for _, part := range strings.Split(level, ",") {
		if name, _, swept := strings.Cut(part, "="); swept && name != factor {
			rest = append(rest, part)
		}
	}
	return strings.Join(rest, ",")
}

func effectArm(e v1alpha1.Effect) string {
	if e.Of == v1alpha1.EffectOfRatio {
		return term.Clean(e.Arm) + " / baseline"
	}
	return term.Clean(e.Arm)
}

// EffectEntry is what is said of an effect.
func EffectEntry(e v1alpha1.Effect) Entry {
	out := Entry{Conclusion: e.Conclusion}
	switch e.Conclusion {
	case v1alpha1.ConclusionHigher, v1alpha1.ConclusionLower:
		if e.Ratio != nil {
			out.Lead = "x" + quantity.Times(e.Ratio.Value)
		}
	case v1alpha1.ConclusionNone:
		out.Lead = "~"
	default:
		out.Lead = strings.ReplaceAll(string(e.Conclusion), "-", " ")
		return out
	}
	if e.Ratio != nil {
		_, out.Interval = quantity.Ratio(*e.Ratio)
	}
	if e.DecidedBy == v1alpha1.DecidedByAdjustedP && e.AdjustedPValue != nil {
		out.PValue = PText(*e.AdjustedPValue)
	}
	return out
}

// EffectLegend says how tables of effects are read and judged.
func EffectLegend(all []v1alpha1.Effect) string {
	n := 0
	for _, e := range all {
		if e.AdjustedPValue != nil {
			n++
		}
	}
	text := "Against another level: an arm's own figure by that of its first level, within rounds; of ARM / baseline," +
		" by how much the ratio to the baseline is another one, with 95 % intervals."
	if n > 0 {
		text += fmt.Sprintf(" These %d are judged together, apart from those within levels:"+
			" at most 5 %% of runs in which no level differs claim one.", n)
	}
	return text
}
