package analyse

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// round is one usable trial: a whole window and readable latencies.
type round struct {
	trial   v1alpha1.Trial
	latency *stats.Waits
}

// summarise picks the usable trials of a cell and computes its metrics. The
// decoded histograms are let go afterwards: only their merger is needed.
func (c *cell) summarise() {
	byRound := map[int]round{}
	for _, t := range c.trials {
		if !t.Usable() || c.impossible != "" {
			continue
		}
		h, err := stats.WaitsOf(t.Load)
		if err != nil {
			c.unreadable = append(c.unreadable, unreadable{trial: t, reason: err})
			continue
		}
		byRound[t.Round] = round{trial: t, latency: h} // the last attempt counts
	}
	for _, r := range byRound {
		c.rounds = append(c.rounds, r)
	}
	slices.SortFunc(c.rounds, func(a, b round) int { return cmp.Compare(a.trial.Round, b.trial.Round) })
	c.overloaded = c.missedRate()
	c.summary = metrics(c.rounds, c.disturbed())
	if c.overloaded {
		overload(c.summary)
	}
	for i := range c.rounds {
		c.rounds[i].latency = nil
	}
}

// missedRate reports whether an open schedule did not reach its rate.
func (c *cell) missedRate() bool {
	if c.level.Rate.ClosedLoop() || len(c.rounds) == 0 {
		return false
	}
	sent, due, _ := c.schedule()
	return sent < reachedShare*due
}

// schedule is what an open schedule sent, had due, and left unsent. Of targets that are
// disturbed it is of the seconds before: what comes later is not the rate's doing.
func (c *cell) schedule() (sent, due float64, unsent int64) {
	for _, r := range c.rounds {
		// A window may begin just after a due instant.
		if c.disturbed() {
			done, seconds := before(r.trial, c.experiment.Spec.Disturbance.At.Duration)
			sent, due = sent+done, due+float64(c.level.Rate)*seconds-1
			continue
		}
		sent += float64(r.trial.Load.Requests + r.trial.Load.Failed())
		due += float64(c.level.Rate)*r.trial.Window.Seconds - 1
		unsent += r.trial.Load.Unsent
	}
	return sent, due, unsent
}

// before counts the requests of the whole seconds before an instant of the window.
func before(t v1alpha1.Trial, at time.Duration) (requests, seconds float64) {
	for _, s := range t.Series {
		if time.Duration(s.OffsetSeconds+1)*time.Second <= at {
			requests, seconds = requests+float64(s.Requests+s.Errors), seconds+1
		}
	}
	return requests, seconds
}

// overload takes the latencies out of a summary: they grow with the window. What
// is known to be a lower bound stays one.
func overload(summary []v1alpha1.MetricValue) {
	for i, v := range summary {
		if v.Unit == v1alpha1.UnitSeconds {
			summary[i].Value, summary[i].SamplesAbove, summary[i].PerRound = nil, nil, nil
			summary[i].Missing = "overloaded"
		}
	}
}

func metrics(rounds []round, disturbed bool) []v1alpha1.MetricValue {
	merged := stats.NewWaits()
	for _, r := range rounds {
		// FromAPI yields one resolution only, so merging cannot fail.
		_ = merged.Merge(r.latency)
	}
	var out []v1alpha1.MetricValue
	for _, m := range metric.Load() {
		if m.Disturbed && !disturbed {
			continue
		}
		if !m.IsLatency() {
			out = append(out, overRounds(m, rounds))
			continue
		}
		v := latencyValue(m, merged)
		for _, r := range rounds {
			one := latencyValue(m, r.latency)
			if one.AtLeast != nil && !m.OneSample {
				// To leave out the rounds that went wrong would be to choose.
				v.PerRound = nil
				break
			}
			if one.Value != nil {
				v.PerRound = append(v.PerRound, v1alpha1.RoundValue{Round: r.trial.Round, Value: *one.Value})
			}
		}
		out = append(out, v)
	}
	return out
}

// overRounds is a metric whose value is the mean over rounds.
func overRounds(m metric.Metric, rounds []round) v1alpha1.MetricValue {
	out := v1alpha1.MetricValue{Metric: m.Name, Unit: m.Unit}
	var all []float64
	bounded := false
	for _, r := range rounds {
		if v, atLeast, ok, err := m.OfTrialOrMore(r.trial); ok && err == nil {
			bounded = bounded || atLeast
			out.PerRound = append(out.PerRound, v1alpha1.RoundValue{Round: r.trial.Round, Value: v})
			all = append(all, v)
		}
	}
	if len(all) == 0 {
		out.Missing = cmp.Or(m.Unknown, "no data")
		return out
	}
	mean := stats.Mean(all)
	if bounded { // to leave out the rounds that went wrong would be to choose
		out.AtLeast, out.PerRound = &mean, nil
		out.Missing = "> " + bound(time.Duration(mean*float64(time.Second)))
		return out
	}
	out.Value = &mean
	return out
}

func (c *cell) cell(void bool) v1alpha1.Cell {
	out := v1alpha1.Cell{
		Address: c.at,
		Rounds:  len(c.rounds), Void: void, Overloaded: c.overloaded, Values: c.summary, Bottleneck: c.bottleneck(),
	}
	for _, r := range c.rounds {
		out.Requests += r.trial.Load.Requests
		out.Errors += r.trial.Load.Failed()
		out.Faults += c.asked(r.trial.Load)
		out.Clamped += r.trial.Load.Latency().ClampedSamples()
	}
	return out
}

// finding is a finding about this cell; its rule adds the code.
func (c *cell) finding(s v1alpha1.Severity, advice, evidence string, args ...any) v1alpha1.Finding {
	return v1alpha1.Finding{
		Severity: s, Scope: v1alpha1.Scope(c.at),
		Evidence: fmt.Sprintf(evidence, args...), Advice: advice,
	}
}
