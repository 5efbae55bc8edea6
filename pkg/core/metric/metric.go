// Package metric says what is known of each quantity of a report: how it is
// read, named, judged and shown. A metric is a value of the tables in this
// package; all that summarises, compares, gates, searches or writes reports looks
// it up, so that adding one adds one value here. It is pure.
package metric

import (
	"errors"
	"math"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// Metric is one quantity.
type Metric struct {
	Name v1alpha1.Metric
	Unit v1alpha1.Unit
	// Quantile is set for percentiles, 0 < Quantile < 1.
	Quantile float64
	// OneSample is set if a single request decides it: such a figure is shown, but
	// its ratio to another one says nothing.
	OneSample bool
	// MoreIsBetter says which way an arm would want it to be.
	MoreIsBetter bool
	// Signed metrics can be below 0: what is taken off them is an estimate too.
	Signed bool
	// Objective is its name in objectives, where its own is known too; empty if
	// arms are not held to it.
	Objective string
	// Column heads its column in tables, Label is it in running text, and Title
	// stands above a figure of it.
	Column, Label, Title string
	// Shown says in which tables it is; formats for machines hold all metrics.
	Shown Shown
	// Leads is set for those that answer the question: they are on cards, drawn
	// over swept factors, and held against a second baseline.
	Leads bool
	// Usual is a value that goes without saying: tables for people leave the metric
	// out where no arm has another one. Nil where every value is worth a column.
	Usual *float64
	// Beside is a metric that this one is the same as where nothing is unusual: it
	// goes without saying there. Empty where every value is worth a column.
	Beside v1alpha1.Metric
	// Answered latencies are of the requests answered as asked alone. The others are
	// of all requests: one that failed counts as later than all that were answered.
	Answered bool
	// Unknown says why a trial may not tell it; empty stands for no data.
	Unknown string
	// Judged is set for those whose change is called better or worse: between
	// reports, and of an arm that beats the baseline.
	Judged bool
	// Sloped is set for those whose growth over the steps of a factor is told. Means
	// and CPU time add up over steps; percentiles do not, but are what objectives are
	// about.
	Sloped bool
	// Disturbed metrics are of experiments with a disturbance alone. They are compared
	// by differences, with an exact test, and LeastChange, in their unit, is the least
	// difference that matters to anybody.
	Disturbed   bool
	LeastChange float64

	histogram func(*stats.Histogram) time.Duration
	waits     func(*stats.Waits) (d time.Duration, atLeast bool)
	trial     func(v1alpha1.Trial) (v float64, ok bool)
	// bound reports whether what trial says is a lower bound; nil where it never is.
	bound func(v1alpha1.Trial) bool
}

// Shown says in which tables a metric is.
type Shown int

// The tables. A wide one holds what every table does, too.
const (
	InData Shown = iota
	InWide
	InTable
)

// Beyond is how many samples are expected above a percentile before it is
// believed. Fewer, and a single slow request decides the figure.
const Beyond = 10

// Needs is the number of samples that a quantile asks for: Beyond / (1 - q).
func Needs(q float64) int64 { return int64(math.Round(Beyond / (1 - q))) }

// Above is the share of samples that lies above a percentile, 0 to 1.
func (m Metric) Above() float64 {
	const exact = 1e9 // 1 - 0.9 is not the number nearest to 0.1
	return math.Round((1-m.Quantile)*exact) / exact
}

// Needs is the number of samples that a metric asks for; 1 but for percentiles.
func (m Metric) Needs() int64 {
	if m.Quantile == 0 {
		return 1
	}
	return Needs(m.Quantile)
}

// IsUsual reports whether a value goes without saying, to one in a thousand.
func (m Metric) IsUsual(v float64) bool {
	const same = 0.001
	return m.Usual != nil && math.Abs(v-*m.Usual) <= same*math.Abs(*m.Usual)
}

// GoesWithoutSaying reports whether tables for people may leave out what a cell says
// of it: nothing at all, or what is usual.
func (m Metric) GoesWithoutSaying(c v1alpha1.Cell) bool {
	if m.Usual == nil && m.Beside == "" {
		return false
	}
	own, other := valueIn(c, m.Name), valueIn(c, m.Beside)
	return own == nil || m.IsUsual(*own) || other != nil && *own == *other
}

func valueIn(c v1alpha1.Cell, name v1alpha1.Metric) *float64 {
	for _, v := range c.Values {
		if v.Metric == name {
			return v.Value
		}
	}
	return nil
}

// ByDifference reports whether arms are compared by differences alone: what is often 0
// has no ratio.
func (m Metric) ByDifference() bool { return m.Disturbed || m.Unit == v1alpha1.UnitRatio }

// IsLatency reports whether it is read from a histogram of durations.
func (m Metric) IsLatency() bool { return m.histogram != nil }

// Of reads a latency, in seconds, from a histogram that is not empty.
func (m Metric) Of(h *stats.Histogram) float64 { return m.histogram(h).Seconds() }

// IsOfTrial reports whether one trial is enough to tell it.
func (m Metric) IsOfTrial() bool { return m.IsLatency() || m.trial != nil }

// Waited reads a latency, in seconds, of all requests, those without an answer
// included; atLeast is set if it is a lower bound.
func (m Metric) Waited(w *stats.Waits) (v float64, atLeast bool) {
	d, atLeast := m.waits(m.Among(w))
	return d.Seconds(), atLeast
}

// Among are the requests that a latency is of.
func (m Metric) Among(w *stats.Waits) *stats.Waits {
	if !m.Answered {
		return w
	}
	return &stats.Waits{Answered: w.Answered, Censored: stats.NewHistogram()}
}

// OfTrial reads it from one usable trial, in its unit; ok is false where the
// trial has nothing to tell it from, such as no answered request. It is an error
// if the trial's histogram cannot be read.
func (m Metric) OfTrial(t v1alpha1.Trial) (v float64, ok bool, err error) {
	v, _, ok, err = m.OfTrialOrMore(t)
	return v, ok, err
}

// OfTrialOrMore is OfTrial; atLeast is set if the value is a lower bound, because
// too many requests had no answer.
func (m Metric) OfTrialOrMore(t v1alpha1.Trial) (v float64, atLeast, ok bool, err error) {
	switch {
	case m.trial != nil:
		v, ok = m.trial(t)
		return v, ok && m.bound != nil && m.bound(t), ok, nil
	case !m.IsLatency() || t.Load.Requests == 0:
		return 0, false, false, nil
	}
	w, err := stats.WaitsOf(t.Load)
	if err == nil && w.Answered.Count() == 0 {
		err = errors.New("the histogram is empty, though requests were answered")
	}
	if err != nil {
		return 0, false, false, err
	}
	v, atLeast = m.Waited(w)
	return v, atLeast, true, nil
}

// Better reports whether a value is better than another one.
func (m Metric) Better(v, than float64) bool {
	if m.MoreIsBetter {
		return v > than
	}
	return v < than
}
