// Package precision chooses how many rounds an experiment needs to be as precise
// as it is asked to be: Stein's two stages. It never looks at whether there is an
// effect, so that stopping cannot make one. It is pure, and what it says of the same
// first rounds is always the same, so that a run that goes on goes on as it would
// have.
package precision

import (
	"math"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// rule names Stein's two stages in reports.
const rule = "stein"

// Asked reports whether an experiment's rounds depend on its precision.
func Asked(e v1alpha1.Experiment) bool {
	return e.Spec.Schedule.Precision > 0 && e.Spec.Search == nil && e.Spec.Arms != v1alpha1.ArmsBaseline
}

// First is the number of rounds that decide, 0 where none does.
func First(e v1alpha1.Experiment) int {
	if !Asked(e) {
		return 0
	}
	return experiment.FirstRounds
}

// deciding is the metric whose ratios have to be so precise: the throughput of a
// closed loop, the p99 of a schedule. CPU would be one too, but what nodes used
// becomes known only after a trial, and a run that goes on must decide the same.
func deciding(l v1alpha1.Level) metric.Metric {
	m, _ := metric.Find(metric.Deciding(l.Rate))
	return m
}

// ratio is one of those that have to be precise.
type ratio struct {
	at     v1alpha1.Address
	metric v1alpha1.Metric
	// logs are those of arm / baseline by round; first of them are of the rounds that
	// decide.
	logs  []float64
	first int
}

// half is how far the ends of the interval are from the ratio, as a share.
func (r ratio) half() (float64, bool) {
	e := stats.SteinInterval(r.logs, r.first)
	if e.Low == nil {
		return 0, false
	}
	return math.Expm1(*e.High - e.Value), true
}

// State says how many rounds an experiment needs and how precise it is, by the
// trials that were done. Trials of later rounds do not change what is planned.
func State(e v1alpha1.Experiment, arms []v1alpha1.Arm, trials []v1alpha1.Trial) v1alpha1.Precision {
	s := e.Spec.Schedule
	out := v1alpha1.Precision{Experiment: e.Metadata.Name, Rule: rule, TargetRatio: s.Precision,
		FirstRounds: First(e), PlannedRounds: First(e), MaxRounds: s.Rounds}
	for _, t := range trials {
		if t.Experiment == e.Metadata.Name && t.Usable() {
			out.UsedRounds = max(out.UsedRounds, t.Round)
		}
	}
	asked := 0
	for _, r := range ratios(e, arms, trials) {
		need := math.MaxInt32 // it is not known, so nobody can say that fewer would do
		if r.first >= stats.MinPairs {
			need = stats.SteinNeeds(r.logs[:r.first], math.Log1p(s.Precision))
		}
		if need > asked {
			asked = need
			out.Widest, out.WidestMetric, out.WidestRatio = &r.at, r.metric, nil
			if half, ok := r.half(); ok {
				out.WidestRatio = &half
			}
		}
	}
	out.Capped = asked > s.Rounds || asked == 0
	out.PlannedRounds = max(out.PlannedRounds, min(asked, s.Rounds))
	if asked == 0 {
		out.PlannedRounds = s.Rounds
	}
	return out
}

// Of are the states of all experiments of a report that are asked to be precise.
func Of(r v1alpha1.Report) []v1alpha1.Precision {
	var all []v1alpha1.Precision
	for _, e := range r.Experiments {
		if Asked(e) {
			all = append(all, State(e, r.Arms, r.Trials))
		}
	}
	return all
}

// ratios are those of every arm to the baseline at every level.
func ratios(e v1alpha1.Experiment, arms []v1alpha1.Arm, trials []v1alpha1.Trial) []ratio {
	values := map[v1alpha1.Address]map[int]float64{}
	levels := experiment.Levels(e)
	metrics := map[string]metric.Metric{}
	for _, l := range levels {
		metrics[l.ID] = deciding(l)
	}
	for _, t := range trials {
		m, known := metrics[t.Level]
		if t.Experiment != e.Metadata.Name || !t.Usable() || !known {
			continue
		}
		v, atLeast, ok, err := m.OfTrialOrMore(t)
		if err != nil || !ok || atLeast || !(v > 0) || math.IsInf(v, 0) {
			continue
		}
		if values[t.Cell()] == nil {
			values[t.Cell()] = map[int]float64{}
		}
		values[t.Cell()][t.Round] = math.Log(v)
	}
	baseline := ""
	for _, a := range arms {
		if a.Role == v1alpha1.RoleBaseline {
			baseline = a.Name
			break
		}
	}
	var out []ratio
	for _, l := range levels {
		for _, a := range arms {
			if a.Role == v1alpha1.RoleBaseline {
				continue
			}
			r := ratio{at: v1alpha1.Address{Experiment: e.Metadata.Name, Level: l.ID, Arm: a.Name}, metric: metrics[l.ID].Name}
			base := values[r.at.Of(baseline)]
			for round := 1; round <= e.Spec.Schedule.Rounds; round++ {
				a, has := values[r.at][round]
				b, had := base[round]
				if !has || !had {
					continue
				}
				if r.logs = append(r.logs, a-b); round <= First(e) {
					r.first++
				}
			}
			if len(r.logs) > 0 { // else it takes no part, or no more
				out = append(out, r)
			}
		}
	}
	return out
}
