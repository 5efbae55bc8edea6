// Package pool puts reports of one experiment together. What is repeated is the
// session, not the round: rounds of one session share whatever a day has, so that
// pooling them covers the truth far too seldom. It is pure.
package pool

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/factor"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// Series is one metric of one arm at one level, relative to the baseline, over
// the sessions that measured it with the same settings.
type Series struct {
	v1alpha1.Address
	Metric v1alpha1.Metric
	// First is set of what the level asks first: the throughput of a closed loop, the
	// median of a schedule.
	First    bool
	Sessions []Session
}

// Session is what one run says.
type Session struct {
	Run string
	At  time.Time
	// Mesh is the version of the arm's data plane; empty if it is not known.
	Mesh string
	// Log is the mean over rounds of the logarithm of arm / baseline, and Within the
	// deviation of the rounds, of which there are Rounds; 0 of a single one.
	Log, Within float64
	Rounds      int
}

// Estimate is the session's ratio with its own interval, which knows nothing of
// other days.
func (s Session) Estimate() v1alpha1.Estimate {
	if s.Rounds < stats.MinPairs {
		return v1alpha1.Estimate{Value: math.Exp(s.Log)}
	}
	shift := stats.Shift{Value: s.Log, Error: s.Within / math.Sqrt(float64(s.Rounds)), DF: float64(s.Rounds - 1)}
	low, high := shift.Interval()
	return stats.Exp(v1alpha1.Estimate{Value: s.Log, Low: &low, High: &high})
}

// SeriesOf arranges reports by what they measured with the same settings, each by
// time. Whatever is left out is said.
func SeriesOf(reports []v1alpha1.Report) (all []Series, warnings []string) {
	seen := map[string]bool{}
	var kept []v1alpha1.Report
	for _, r := range reports {
		if seen[r.Run.ID] {
			warnings = append(warnings, fmt.Sprintf("run %s is given twice: it counts once", r.Run.ID))
			continue
		}
		seen[r.Run.ID] = true
		kept = append(kept, r)
	}
	slices.SortStableFunc(kept, func(a, b v1alpha1.Report) int {
		return cmp.Or(a.Run.StartedAt.Compare(b.Run.StartedAt), cmp.Compare(a.Run.ID, b.Run.ID))
	})
	type key struct {
		settings string
		v1alpha1.Address
		v1alpha1.Metric
	}
	at := map[key]int{}
	settings := map[string]map[string]bool{} // by experiment
	for _, r := range kept {
		x := report.IndexOf(r)
		for _, e := range r.Experiments {
			if e.Spec.Search != nil || e.Spec.Arms == v1alpha1.ArmsBaseline {
				continue
			}
			own := settingsOf(r, e)
			if settings[e.Metadata.Name] == nil {
				settings[e.Metadata.Name] = map[string]bool{}
			}
			settings[e.Metadata.Name][own] = true
			for _, one := range read(r, x, e) {
				k := key{own, one.Address, one.Metric}
				i, have := at[k]
				if !have {
					i = len(all)
					at[k] = i
					all = append(all, Series{Address: one.Address, Metric: one.Metric, First: one.First})
				}
				all[i].Sessions = append(all[i].Sessions, one.Sessions...)
			}
		}
	}
	for name, n := range settings {
		if len(n) > 1 {
			warnings = append(warnings,
				fmt.Sprintf("%s was run with %d different settings: only sessions of the same are put together", name, len(n)))
		}
	}
	slices.Sort(warnings)
	return all, warnings
}

// read is what one report says of one experiment.
func read(r v1alpha1.Report, x report.Index, e v1alpha1.Experiment) []Series {
	var out []Series
	for _, l := range experiment.Levels(e) {
		for _, a := range r.Arms {
			if a.Role != v1alpha1.RoleMeshed {
				continue
			}
			at := v1alpha1.Address{Experiment: e.Metadata.Name, Level: l.ID, Arm: a.Name}
			own, _ := x.Cell(at)
			base, _ := x.Cell(at.Of(x.Baseline().Name))
			if own.Void || base.Void || own.Overloaded || base.Overloaded {
				continue
			}
			for _, m := range metric.Main() {
				if !m.Judged {
					continue
				}
				// What the report could not compare has no ratio there either.
				if c, ok := x.Comparison(at, m.Name); !ok || c.Ratio == nil {
					continue
				}
				logs := logsOf(own, base, m.Name)
				if len(logs) == 0 {
					continue
				}
				s := Session{Run: r.Run.ID, At: r.Run.StartedAt, Log: stats.Mean(logs), Rounds: len(logs)}
				if shift, ok := stats.MeanShift(logs); ok && len(logs) > 1 {
					s.Within = shift.Error * math.Sqrt(float64(len(logs)))
				}
				if a.DataPlane != nil {
					s.Mesh = a.DataPlane.DataPlaneVersion
				}
				out = append(out,
					Series{Address: at, Metric: m.Name, First: m.Name == metric.Steady(l.Rate), Sessions: []Session{s}})
			}
		}
	}
	return out
}

// logsOf are the logarithms of arm / baseline of each round that has both.
func logsOf(own, base v1alpha1.Cell, m v1alpha1.Metric) []float64 {
	a, _ := report.Value(own, m)
	b, _ := report.Value(base, m)
	at := map[int]float64{}
	for _, v := range b.PerRound {
		at[v.Round] = v.Value
	}
	var out []float64
	for _, v := range a.PerRound {
		other, both := at[v.Round]
		if l := math.Log(v.Value / other); both && !math.IsNaN(l) && !math.IsInf(l, 0) {
			out = append(out, l)
		}
	}
	return out
}

// settingsOf is all that sessions must have in common to be put together: what was
// asked for, and the mesh that was measured but for its version.
func settingsOf(r v1alpha1.Report, e v1alpha1.Experiment) string {
	s := factor.Filled(e.Spec)
	s.Question, s.SLOs, s.Schedule.Seed = "", nil, nil
	text, err := json.Marshal(s)
	if err != nil {
		return "unknown " + r.Run.ID // such a report stands alone
	}
	for _, a := range r.Arms {
		text = append(text, fmt.Sprintf("|%s=%s", a.Name, a.Mesh)...)
	}
	return string(text)
}
