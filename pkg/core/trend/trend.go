// Package trend follows what a mesh costs over many runs: a point for each
// session, the versions of the mesh, and where the level changed. It is pure.
package trend

import (
	"fmt"
	"math"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/pool"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// Line is one metric of one arm at one level over the sessions of one setting.
type Line struct {
	v1alpha1.Address
	Metric v1alpha1.Metric `json:"metric"`
	// Points are in the order of time.
	Points []pool.Point `json:"points"`
	// Segments are the stretches between changes of level; one if there is none.
	Segments []Segment `json:"segments"`
	// SinceReference is the ratio of the newest sessions divided by that of the
	// reference, with a 95 % interval; nil without a reference, or with too few
	// sessions for one.
	SinceReference *v1alpha1.Estimate `json:"sinceReference,omitempty"`
	Word           Word               `json:"word"`
	// Reason says why nothing could be decided.
	Reason string `json:"reason,omitempty"`
}

// Segment is a stretch of sessions on one level.
type Segment struct {
	// From and To are runs, Sessions how many there are.
	From     string `json:"from"`
	To       string `json:"to"`
	Sessions int    `json:"sessions"`
	// Ratio is the geometric mean over sessions, with a 95 % interval from four on.
	Ratio v1alpha1.Estimate `json:"ratio"`
	// Change is this segment's ratio divided by that of the one before; nil of the
	// first.
	Change *float64 `json:"change,omitempty"`
}

// Word is what a line amounts to.
type Word string

// The words. Worse and better are by which way an arm would want a metric to be.
const (
	Worse  Word = "worse"
	Better Word = "better"
	// Steady: no change that matters.
	Steady Word = "steady"
	// Unknown: too few sessions, or too much noise, to tell.
	Unknown Word = "inconclusive"
)

// Result is a trend.
type Result struct {
	Lines []Line `json:"lines"`
	// MinChange is the least change that matters, as a share.
	MinChange float64 `json:"minChange"`
	// Reference is the run that others are held against; empty for none.
	Reference string `json:"reference,omitempty"`
	// FalseAlarmRatio is in how many trends of steady systems any change of level is
	// found, over all lines together.
	FalseAlarmRatio float64  `json:"falseAlarmRatio"`
	Warnings        []string `json:"warnings,omitempty"`
}

// falseAlarms is in how many of a hundred steady trends anything is found.
const falseAlarms = 0.05

// Options say what matters.
type Options struct {
	// MinChange is a share: 0.05 is a factor of 1.05 either way.
	MinChange float64
	// Reference is a run; empty for none.
	Reference string
}

// Of follows reports over time. The error rate is shared by all lines that are
// long enough (Bonferroni), so that more metrics raise no more false alarms.
func Of(reports []v1alpha1.Report, o Options) Result {
	series, warnings := pool.SeriesOf(reports)
	r := Result{MinChange: o.MinChange, Reference: o.Reference, FalseAlarmRatio: falseAlarms, Warnings: warnings}
	long := 0
	for _, s := range series {
		if len(s.Sessions) >= leastSessions {
			long++
		}
	}
	found := o.Reference == ""
	for _, s := range series {
		found = found || slices.ContainsFunc(s.Sessions, func(one pool.Session) bool { return one.Run == o.Reference })
		r.Lines = append(r.Lines, lineOf(s, o, falseAlarms/float64(max(long, 1))))
	}
	if !found {
		r.Warnings = append(r.Warnings, fmt.Sprintf("no line has the reference, run %s", o.Reference))
	}
	if float64(long) > falseAlarms*(permutations+1) {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d lines are too many for a change of level to be told in any: "+
			"give reports of fewer arms or levels", long))
	}
	return r
}

func lineOf(s pool.Series, o Options, alpha float64) Line {
	l := Line{Address: s.Address, Metric: s.Metric, Word: Unknown}
	var logs []float64
	for _, one := range s.Sessions {
		logs = append(logs, one.Log)
		l.Points = append(l.Points, one.Point())
	}
	at := steps(logs, alpha, seeded(fmt.Sprint(s.Address, s.Metric)))
	from := 0
	for _, to := range append(slices.Clone(at), len(logs)) {
		one := Segment{From: s.Sessions[from].Run, To: s.Sessions[to-1].Run, Sessions: to - from,
			Ratio: stats.Exp(stats.MeanInterval(logs[from:to]))}
		if n := len(l.Segments); n > 0 {
			change := one.Ratio.Value / l.Segments[n-1].Ratio.Value
			one.Change = &change
		}
		l.Segments, from = append(l.Segments, one), to
	}
	m, _ := metric.Find(s.Metric)
	if o.Reference != "" {
		l.byReference(m, s, o, logs, at)
	} else {
		l.byLastChange(m, o)
	}
	return l
}

// byLastChange gives a line its word by its last change of level.
func (l *Line) byLastChange(m metric.Metric, o Options) {
	if n := len(l.Points); n < leastSessions {
		l.Reason = fmt.Sprintf("%d sessions, and a change of level is looked for in %d or more", n, leastSessions)
		return
	}
	l.Word = Steady
	if change := l.Segments[len(l.Segments)-1].Change; change != nil &&
		math.Abs(math.Log(*change)) > math.Log1p(o.MinChange) {
		l.Word = word(m, *change)
	}
}

func word(m metric.Metric, change float64) Word {
	if m.Better(change, 1) {
		return Better
	}
	return Worse
}

// newest is how many sessions are held against a reference: a loss that creeps
// shows in the last ones, not in all since.
const newest = 3

// byReference holds the newest sessions against one, so that a loss that creeps is
// seen though each of its steps is too small. What sessions differ by is taken from
// all segments.
func (l *Line) byReference(m metric.Metric, s pool.Series, o Options, logs []float64, at []int) {
	i := slices.IndexFunc(s.Sessions, func(one pool.Session) bool { return one.Run == o.Reference })
	if i < 0 {
		l.Reason = "the reference has no such line"
		return
	}
	var squares, df float64
	from := 0
	for _, to := range append(slices.Clone(at), len(logs)) {
		mean := stats.Mean(logs[from:to])
		for _, x := range logs[from:to] {
			squares += (x - mean) * (x - mean)
		}
		df += float64(to - from - 1)
		from = to
	}
	last := logs[max(i+1, len(logs)-min(newest, l.Segments[len(l.Segments)-1].Sessions)):]
	if len(last) == 0 || df < stats.MinPairs-1 {
		l.Reason = fmt.Sprintf("too few sessions to know what they differ by: %d, of which %d came after the reference",
			len(logs), len(logs)-1-i)
		return
	}
	shift := stats.Shift{Value: stats.Mean(last) - logs[i], DF: df,
		Error: math.Sqrt(squares / df * (1 + 1/float64(len(last))))}
	low, high := shift.Interval()
	since := stats.Exp(v1alpha1.Estimate{Value: shift.Value, Low: &low, High: &high})
	l.SinceReference = &since
	least := math.Log1p(o.MinChange)
	switch {
	case low > least || high < -least:
		l.Word = word(m, since.Value)
	case low > -least && high < least:
		l.Word = Steady
	default:
		l.Reason = "the noise between sessions allows both a change that matters and none"
	}
}

// Count is how many lines have that word.
func (r Result) Count(w Word) int {
	n := 0
	for _, l := range r.Lines {
		if l.Word == w {
			n++
		}
	}
	return n
}
