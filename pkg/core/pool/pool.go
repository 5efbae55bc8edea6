package pool

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// Pooled is what several sessions say together.
type Pooled struct {
	v1alpha1.Address
	Metric   v1alpha1.Metric `json:"metric"`
	Sessions []Point         `json:"sessions"`
	// Ratio is the geometric mean over sessions; its 95 % interval is Student's on the
	// means of sessions, absent with fewer than four.
	Ratio v1alpha1.Estimate `json:"ratio"`
	// WithinRatio and BetweenRatio are by how much rounds of one session, and sessions,
	// differ: deviations of logarithms as a share. Where Between is the larger, more
	// sessions help, else more rounds. Nil where it cannot be told.
	WithinRatio  *float64            `json:"withinRatio,omitempty"`
	BetweenRatio *float64            `json:"betweenRatio,omitempty"`
	Conclusion   v1alpha1.Conclusion `json:"conclusion"`
	// AdjustedPValue is of the t test that the ratio is 1, adjusted for all that was
	// pooled (weighted Holm).
	AdjustedPValue *float64 `json:"adjustedPValue,omitempty"`
}

// Point is one session.
type Point struct {
	Run    string            `json:"run"`
	At     time.Time         `json:"at"`
	Mesh   string            `json:"meshVersion,omitempty"`
	Rounds int               `json:"rounds"`
	Ratio  v1alpha1.Estimate `json:"ratio"`
}

// Result is several reports as one.
type Result struct {
	Pooled   []Pooled `json:"pooled"`
	Tests    int      `json:"tests"`
	Warnings []string `json:"warnings,omitempty"`
}

// Reports pools reports of one experiment.
func Reports(all []v1alpha1.Report) Result {
	series, warnings := SeriesOf(all)
	r := Result{Warnings: warnings}
	var means [][]float64
	var firsts []bool
	for _, s := range series {
		if len(s.Sessions) < 2 {
			r.Warnings = append(r.Warnings,
				fmt.Sprintf("%s of %s in %s, %s: only run %s has it", s.Metric, s.Arm, s.Experiment, s.Level, s.Sessions[0].Run))
			continue
		}
		p := Pooled{Address: s.Address, Metric: s.Metric, Conclusion: v1alpha1.ConclusionInconclusive}
		var logs []float64
		versions := map[string]bool{}
		for _, one := range s.Sessions {
			logs = append(logs, one.Log)
			versions[one.Mesh] = true
			p.Sessions = append(p.Sessions, one.Point())
		}
		if why := fmt.Sprintf("the mesh of %s has several versions: these are not sessions of one system; see trend",
			s.Arm); len(versions) > 1 && !slices.Contains(r.Warnings, why) {
			r.Warnings = append(r.Warnings, why)
		}
		p.Ratio = stats.Exp(stats.MeanInterval(logs))
		p.WithinRatio, p.BetweenRatio = spread(s.Sessions)
		r.Pooled, means, firsts = append(r.Pooled, p), append(means, logs), append(firsts, s.First)
	}
	r.Tests = decide(r.Pooled, means, firsts)
	return r
}

// spread is by how much rounds and sessions differ. What the means of sessions
// differ by also holds what the rounds leave of theirs, which is taken off.
func spread(all []Session) (within, between *float64) {
	var squares, df, noise float64
	var logs []float64
	for _, s := range all {
		if s.Rounds > 1 {
			squares += s.Within * s.Within * float64(s.Rounds-1)
			df += float64(s.Rounds - 1)
			noise += s.Within * s.Within / float64(s.Rounds) / float64(len(all))
		}
		logs = append(logs, s.Log)
	}
	if df > 0 {
		v := math.Expm1(math.Sqrt(squares / df))
		within = &v
	}
	if shift, ok := stats.MeanShift(logs); ok && len(logs) > 1 {
		variance := shift.Error * shift.Error * float64(len(logs))
		v := math.Expm1(math.Sqrt(max(0, variance-noise)))
		between = &v
	}
	return within, between
}

// firstWeight of the family's error belongs to what levels ask first.
const firstWeight = 0.8

// decide says which ratios may be claimed: those of at least four sessions, all
// together in at most 5 % of such tables in which nothing differs.
func decide(all []Pooled, means [][]float64, firsts []bool) int {
	var at, classes []int
	for i := range all {
		if len(means[i]) >= stats.MinPairs {
			at, classes = append(at, i), append(classes, map[bool]int{true: 0, false: 1}[firsts[i]])
		}
	}
	tests := make([]stats.Test, len(at))
	for k, weight := range stats.Shares(classes, firstWeight, 1-firstWeight) {
		tests[k] = stats.Test{P: stats.TTest(means[at[k]], 0), Weight: weight}
	}
	for k, adjusted := range stats.Holm(tests) {
		p := &all[at[k]]
		p.Conclusion, p.AdjustedPValue = v1alpha1.ConclusionNone, &adjusted
		switch {
		case adjusted > 0.05:
		case p.Ratio.Value > 1:
			p.Conclusion = v1alpha1.ConclusionHigher
		case p.Ratio.Value < 1:
			p.Conclusion = v1alpha1.ConclusionLower
		}
	}
	return len(at)
}

// Point is the session as it is shown.
func (s Session) Point() Point {
	return Point{Run: s.Run, At: s.At, Mesh: s.Mesh, Rounds: s.Rounds, Ratio: s.Estimate()}
}
