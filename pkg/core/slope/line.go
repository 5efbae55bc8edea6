package slope

import (
	"maps"
	"math"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

const (
	// bentP is the p value, adjusted over the levels of a line, at or below which a
	// level is off it by more than chance; bentShare is how far it has to be off the line
	// through the others, as a share of what the line rises from first to last level.
	bentP     = 0.05
	bentShare = 0.10
	// checkable is how many levels tell whether they are on a line: two always are.
	checkable = 3
)

// lines are those of one metric of one arm, one a round.
type lines struct {
	places []float64
	slope  v1alpha1.Slope
}

// through fits a line by least squares to each round that has all levels, so that
// what drifts from round to round is in how the slopes differ. The interval is
// Student's over them: whatever the noise of a single level is, slopes of rounds are
// independent and of one distribution.
func (l *lines) through(rounds map[int][]float64, decided int) {
	off := make([][]float64, len(l.places))
	for _, round := range slices.Sorted(maps.Keys(rounds)) {
		ys := rounds[round]
		if len(ys) < len(l.places) {
			continue
		}
		at, rise, ok := stats.Line(l.places, ys, nil)
		if !ok {
			continue
		}
		l.slope.PerRound = append(l.slope.PerRound, v1alpha1.RoundValue{Round: round, Value: rise})
		for i, x := range l.places {
			off[i] = append(off[i], ys[i]-at-rise*x)
		}
	}
	l.slope.Rounds = len(l.slope.PerRound)
	if l.slope.Rounds == 0 {
		l.slope.Missing = "no round has all levels"
		return
	}
	value := stats.SteinInterval(values(l.slope.PerRound), upTo(decided, l.slope.PerRound))
	l.slope.Value = &value
	l.check(off)
}

// check tests by Student's t whether what the lines leave of a level is 0 on average
// over rounds, adjusted over levels by Holm. Each level is held against its own
// noise, as longer ways have more of it. How far off a level is counts from the line
// through the others, its residual by 1 - leverage (Cook and Weisberg 1982): an end
// draws the line to itself, so that the level beside it would have the largest one.
func (l *lines) check(off [][]float64) {
	l.slope.Linearity = v1alpha1.LinearityUnchecked
	if len(l.places) < checkable || l.slope.Rounds < stats.MinPairs {
		return
	}
	l.slope.Linearity = v1alpha1.LinearityStraight
	tests := make([]stats.Test, len(off))
	for i, all := range off {
		tests[i] = stats.Test{P: stats.TTest(all, 0), Weight: 1 / float64(len(off))}
	}
	rise := math.Abs(l.slope.Value.Value) * (l.places[len(l.places)-1] - l.places[0])
	farthest := 0.0
	for i, adjusted := range stats.Holm(tests) {
		mean := stats.Mean(off[i]) / (1 - l.leverage(i))
		if adjusted > bentP || math.Abs(mean) <= max(bentShare*rise, farthest) {
			continue
		}
		farthest = math.Abs(mean)
		l.slope.Linearity, l.slope.Bend = v1alpha1.LinearityBent, &v1alpha1.Bend{Level: l.slope.Levels[i], Off: mean}
	}
}

// leverage is how much of a level's own value is in that of the line, below 1 with
// three levels or more.
func (l *lines) leverage(level int) float64 {
	mean := stats.Mean(l.places)
	var squares float64
	for _, x := range l.places {
		squares += (x - mean) * (x - mean)
	}
	off := l.places[level] - mean
	return 1/float64(len(l.places)) + off*off/squares
}

// against sets a slope against the baseline's in the rounds that have both. The
// ratio is that of two differences: near 0 it is anything, so both have to be
// clearly above it.
func against(one *v1alpha1.Slope, base v1alpha1.Slope, decided int) {
	at := map[int]float64{}
	for _, r := range base.PerRound {
		at[r.Round] = r.Value
	}
	var pairs []v1alpha1.RoundValue
	var a, b []float64
	for _, r := range one.PerRound {
		if v, ok := at[r.Round]; ok {
			pairs, a, b = append(pairs, r), append(a, r.Value), append(b, v)
		}
	}
	if one.Pairs = len(pairs); one.Pairs == 0 {
		return
	}
	first := upTo(decided, pairs)
	difference := stats.SteinInterval(stats.Differences(a, b), first)
	one.Difference = &difference
	if logs, ok := stats.LogRatios(a, b); ok && above(one.Value) && above(base.Value) {
		ratio := stats.Exp(stats.SteinInterval(logs, first))
		one.Ratio = &ratio
	}
}

// above reports whether an estimate is clearly above 0.
func above(e *v1alpha1.Estimate) bool { return e != nil && e.Low != nil && *e.Low > 0 }

func values(all []v1alpha1.RoundValue) []float64 {
	out := make([]float64, len(all))
	for i, r := range all {
		out[i] = r.Value
	}
	return out
}

// upTo counts the rounds among those that decided how many there are.
func upTo(decided int, all []v1alpha1.RoundValue) int {
	n := 0
	for _, r := range all {
		if r.Round <= decided {
			n++
		}
	}
	return n
}
