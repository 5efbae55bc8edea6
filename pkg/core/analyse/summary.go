package analyse

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// round is one usable trial: a whole window and readable latencies.
type round struct {
	trial   v1alpha1.Trial
	latency *stats.Histogram
}

// summarise picks the usable trials of a cell and computes its metrics. The
// decoded histograms are let go afterwards: only their merger is needed.
func (c *cell) summarise() {
	byRound := map[int]round{}
	for _, t := range c.trials {
		if !t.Usable() {
			continue
		}
		h, err := latency(t)
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
	c.summary = metrics(c.rounds)
	for i := range c.rounds {
		c.rounds[i].latency = nil
	}
}

// latency is what users wait for, decoded; empty without an answered request.
func latency(t v1alpha1.Trial) (*stats.Histogram, error) {
	in := t.Load.Latency()
	if in == nil && t.Load.Requests == 0 {
		return stats.NewHistogram(), nil
	}
	return stats.FromAPI(in)
}

func metrics(rounds []round) []v1alpha1.MetricValue {
	merged := stats.NewHistogram()
	for _, r := range rounds {
		// FromAPI yields one resolution only, so merging cannot fail.
		_ = merged.Merge(r.latency)
	}
	out := []v1alpha1.MetricValue{overRounds(v1alpha1.MetricThroughput, v1alpha1.UnitPerSecond, rounds, throughput)}
	for _, m := range latencies() {
		v := m.of(merged)
		for _, r := range rounds {
			if one := m.of(r.latency); one.Value != nil {
				v.PerRound = append(v.PerRound, v1alpha1.RoundValue{Round: r.trial.Round, Value: *one.Value})
			}
		}
		out = append(out, v)
	}
	return append(out, overRounds(v1alpha1.MetricErrors, v1alpha1.UnitRatio, rounds, errorRatio))
}

// overRounds is a metric whose value is the mean over rounds.
func overRounds(m v1alpha1.Metric, u v1alpha1.Unit, rounds []round,
	value func(v1alpha1.Trial) (float64, bool)) v1alpha1.MetricValue {
	out := v1alpha1.MetricValue{Metric: m, Unit: u}
	var all []float64
	for _, r := range rounds {
		if v, ok := value(r.trial); ok {
			out.PerRound = append(out.PerRound, v1alpha1.RoundValue{Round: r.trial.Round, Value: v})
			all = append(all, v)
		}
	}
	if len(all) == 0 {
		out.Missing = "no data"
		return out
	}
	mean := stats.Mean(all)
	out.Value = &mean
	return out
}

// throughput is requests answered as asked per second.
func throughput(t v1alpha1.Trial) (float64, bool) {
	return float64(t.Load.Requests) / t.Window.Seconds, true
}

// errorRatio is failed / all answered or failed requests, 0 to 1.
func errorRatio(t v1alpha1.Trial) (float64, bool) {
	failed := t.Load.Failed()
	all := t.Load.Requests + failed
	if all == 0 {
		return 0, false
	}
	return float64(failed) / float64(all), true
}

func (c *cell) cell(void bool) v1alpha1.Cell {
	out := v1alpha1.Cell{
		Address: c.at,
		Rounds:  len(c.rounds), Void: void, Values: c.summary, Bottleneck: c.bottleneck(),
	}
	for _, r := range c.rounds {
		out.Requests += r.trial.Load.Requests
		out.Errors += r.trial.Load.Failed()
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
