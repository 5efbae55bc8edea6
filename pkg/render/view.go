package render

import (
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/factor"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

// panel is the comparison of all arms at one level of one experiment, as every
// format for people shows it.
type panel struct {
	experiment v1alpha1.Experiment
	level      v1alpha1.Level
	rows       []row
	// ceiling is what the cluster does at this level without a mesh, if known.
	ceiling *v1alpha1.Ceiling
}

// row is one arm.
type row struct {
	arm     v1alpha1.Arm
	cell    v1alpha1.Cell
	entries map[v1alpha1.Metric]entry
}

// entry is what is said of one metric of one arm. All texts may be empty.
type entry struct {
	// verdict leads: a ratio, "~", "inconclusive", "void".
	verdict  string
	evidence v1alpha1.Evidence
	// interval is of the ratio, at 95 %.
	interval string
	// absolute is the arm's own value, or why there is none.
	absolute string
	missing  bool
	// rounds is from the lowest to the highest round, of an arm that stands alone.
	rounds string
	// pValue and difference are for wide formats.
	pValue, difference string
}

// panels arranges a report; a level that the experiment does not have any more
// is not shown.
func panels(r v1alpha1.Report) []panel {
	index := report.IndexOf(r)
	var all []panel
	for _, e := range r.Experiments {
		if e.Spec.Search != nil {
			continue // see searchTables
		}
		for _, level := range experiment.Levels(e) {
			at := v1alpha1.Address{Experiment: e.Metadata.Name, Level: level.ID}
			p := panel{experiment: e, level: level, ceiling: ceilingOf(index, at)}
			arms := experiment.Arms(e, r.Arms)
			for _, arm := range arms {
				p.rows = append(p.rows, rowOf(index, arm, at.Of(arm.Name), len(arms) == 1))
			}
			all = append(all, p)
		}
	}
	return all
}

// rowOf sums up an arm; one that stands alone has nothing to be paired with, so
// its rounds say how far it is to be trusted.
func rowOf(x report.Index, arm v1alpha1.Arm, at v1alpha1.Address, alone bool) row {
	cell, _ := x.Cell(at)
	cell.Address = at // also where there is none
	out := row{arm: arm, cell: cell, entries: map[v1alpha1.Metric]entry{}}
	for _, v := range cell.Values {
		e := entry{absolute: term.Clean(briefly(v)), missing: v.Value == nil}
		if v.Value != nil {
			e.absolute = value(*v.Value, v.Unit)
		}
		if alone {
			e.rounds = rangeOf(v)
		}
		if v.Metric == v1alpha1.MetricErrors && cell.Errors > 0 {
			e.absolute = words.Thousands(cell.Errors) + " (" + e.absolute + ")"
		}
		if c, ok := x.Comparison(at, v.Metric); ok && v.Value != nil {
			judge(&e, c, v.Unit)
		}
		out.entries[v.Metric] = e
	}
	return out
}

func judge(e *entry, c v1alpha1.Comparison, unit v1alpha1.Unit) {
	e.evidence = c.Evidence
	switch c.Evidence {
	case v1alpha1.EvidenceVoid:
		e.verdict = "void"
		return
	case v1alpha1.EvidenceOverloaded, v1alpha1.EvidenceBound:
		e.verdict = strings.ReplaceAll(string(c.Evidence), "-", " ")
		return
	case v1alpha1.EvidenceInconclusive:
		e.verdict = "inconclusive"
		if c.Pairs == 1 && c.Ratio != nil {
			e.verdict, e.interval = "x"+times(c.Ratio.Value), oneRound
		}
		return
	case v1alpha1.EvidenceNone:
		e.verdict = "~"
	default:
		if c.Ratio != nil {
			e.verdict = "x" + times(c.Ratio.Value)
		} else if c.Difference != nil {
			e.verdict = signed(c.Difference.Value, unit)
		}
	}
	if c.Ratio != nil && c.Ratio.Low != nil && c.Ratio.High != nil {
		e.interval = times(*c.Ratio.Low) + ".." + times(*c.Ratio.High)
	}
	if p := decidingP(c); p != nil {
		e.pValue = pText(*p)
	}
	if d := c.Difference; d != nil && d.Low != nil && d.High != nil {
		e.difference = fmt.Sprintf("%s (%s..%s)", signed(d.Value, unit), signed(*d.Low, unit), signed(*d.High, unit))
	}
}

// oneRound stands where a ratio would have its interval.
const oneRound = "1 round, no interval"

// decidingP is the p of the test that decided; nil where none did, as in reports
// of releases that went by the interval.
func decidingP(c v1alpha1.Comparison) *float64 {
	if c.DecidedBy == v1alpha1.DecidedByAdjustedP {
		return c.AdjustedPValue
	}
	return nil
}

// pText writes a p value; how far it is below one in ten thousand says nothing.
func pText(p float64) string {
	if p < 0.0001 {
		return "p<0.0001"
	}
	return "p=" + significant(p)
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
	return value(low, v.Unit) + ".." + value(high, v.Unit)
}

func signed(v float64, u v1alpha1.Unit) string {
	text := value(v, u)
	if v > 0 {
		text = "+" + text
	}
	return text
}

// setting says what a level did, in a few words.
func setting(p panel) string {
	load := "closed loop"
	if !p.level.Rate.ClosedLoop() {
		load = p.level.Rate.String() + " requests/s"
	}
	s := p.experiment.Spec.Schedule
	text := workload(p.experiment.Spec, p.level, load) +
		fmt.Sprintf("; %s of %s", words.Count(s.Rounds, "round", "rounds"), s.Duration.Duration) + warmup(s)
	if c := p.ceiling; c != nil {
		text += fmt.Sprintf("; ceiling without a mesh: %s (%s)", value(c.PerSecond, v1alpha1.UnitPerSecond), c.Source)
	}
	return text
}

func warmup(s v1alpha1.Schedule) string {
	if s.Warmup == nil {
		return ""
	}
	return fmt.Sprintf(" after %s of warm-up", s.Warmup.Duration)
}

// workload says what is sent where. A gRPC request without a body and a delay
// is a health check, which has neither; with one it is fortio's ping.
func workload(spec v1alpha1.ExperimentSpec, l v1alpha1.Level, load string) string {
	protocol := string(l.Protocol)
	if l.Protocol == v1alpha1.ProtocolGRPC {
		protocol += " health check"
		if l.RequestBytes > 0 || l.ResponseBytes > 0 || l.ServerDelay.Duration > 0 {
			protocol = "grpc ping"
		}
	}
	text := fmt.Sprintf("%s, %s, %s, %s", protocol, load, words.Count(l.Connections, "connection", "connections"),
		l.Placement)
	if n := spec.Nodes; n != nil {
		for _, pin := range []struct{ what, node string }{{"load", n.Load}, {"target", n.Target}} {
			if pin.node != "" {
				text += fmt.Sprintf(", %s pinned to %s", pin.what, pin.node)
			}
		}
	}
	for _, f := range factor.All() {
		if phrase := f.Phrase(l); phrase != "" {
			text += ", " + phrase
		}
	}
	return text
}

func ceilingOf(x report.Index, at v1alpha1.Address) *v1alpha1.Ceiling {
	if c, ok := x.Ceiling(at); ok {
		return &c
	}
	return nil
}
