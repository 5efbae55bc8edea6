package price

import (
	"math"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

const (
	// leastPoints is how many levels a line needs: two decide it, and the others have
	// to tell whether it is one.
	leastPoints = 4
	// bendP is the p value of the test of linearity at or below which a bend of at
	// least bendShare of a level's value is believed; bendAlways is too much
	// whatever its p value. A bend below stillShare of the highest value is none.
	bendP      = 0.05
	bendShare  = 0.02
	bendAlways = 0.10
	stillShare = 0.01
)

// sample is what one round measured at one level: at a rate, or at so many connections.
type sample struct{ x, value float64 }

// curve is a quantity over x, by round and level: every round has every
// level, and levels rise. It is what estimates are read from.
type curve struct {
	rounds [][]sample
	// numbers are those of the rounds.
	numbers []int
	// lines holds intercept and slope of each round; nil if it bends.
	lines [][2]float64
	// bend is the largest residual as a share of its level's value, and p that of
	// the test of linearity.
	bend, p float64
}

// fit fits a line to each round by least squares, so that whatever drifts from
// round to round is in the spread of the coefficients, and the interval of
// anything that is read from them is Student's over rounds. Levels are weighted by
// a variance that is taken from their rounds. Linearity is tested on what the
// lines leave: the residuals of a level, meaned over rounds, against how they vary
// between rounds, an F test with k-2 and (n-1)(k-2) degrees of freedom.
func fit(numbers []int, rounds [][]sample) curve {
	c := curve{rounds: rounds, numbers: numbers, p: 1}
	if len(rounds) < stats.MinPairs || len(rounds[0]) < leastPoints {
		return c
	}
	w := weights(rounds)
	levels := len(rounds[0])
	residuals := make([][]float64, levels)
	lines := make([][2]float64, 0, len(rounds))
	for _, round := range rounds {
		a, b, ok := line(round, w)
		if !ok {
			return c
		}
		lines = append(lines, [2]float64{a, b})
		for i, s := range round {
			residuals[i] = append(residuals[i], s.value-a-b*s.x)
		}
	}
	n, k := float64(len(rounds)), float64(levels)
	var lack, pure, highest float64
	for i := range residuals {
		highest = max(highest, math.Abs(meanAt(rounds, i)))
	}
	for i, all := range residuals {
		mean := stats.Mean(all)
		lack += n * w[i] * mean * mean
		for _, e := range all {
			pure += w[i] * (e - mean) * (e - mean)
		}
		if value := math.Abs(meanAt(rounds, i)); math.Abs(mean) > stillShare*highest {
			c.bend = max(c.bend, math.Abs(mean)/value)
		}
	}
	switch {
	case pure > 0:
		c.p = stats.FisherTail(lack/(k-2)/(pure/((n-1)*(k-2))), k-2, (n-1)*(k-2))
	case lack > 0:
		c.p = 0
	}
	if c.bend > bendAlways || c.bend > bendShare && c.p <= bendP {
		return c
	}
	c.lines = lines
	return c
}

// line is the weighted least-squares line through one round.
func line(round []sample, w []float64) (a, b float64, ok bool) {
	xs, ys := make([]float64, len(round)), make([]float64, len(round))
	for i, s := range round {
		xs[i], ys[i] = s.x, s.value
	}
	return stats.Line(xs, ys, w)
}

// weights are 1 / variance of each level. Six rounds tell little of a variance, so
// it is taken to have two parts: one that all levels have, the least of their
// variances, and one that goes with the square of the value, the median of what
// the levels above the median show.
func weights(rounds [][]sample) []float64 {
	levels := len(rounds[0])
	variances, relative := make([]float64, levels), []float64{}
	for i := range levels {
		values := make([]float64, 0, len(rounds))
		for _, r := range rounds {
			values = append(values, r[i].value)
		}
		variances[i] = varianceOf(values)
		if mean := meanAt(rounds, i); i >= levels/2 && mean != 0 {
			relative = append(relative, variances[i]/(mean*mean))
		}
	}
	least, share := slices.Min(variances), 0.0
	if len(relative) > 0 {
		share = stats.Median(relative)
	}
	out := make([]float64, levels)
	for i := range out {
		mean := meanAt(rounds, i)
		out[i] = 1 / (least + share*mean*mean)
		if math.IsInf(out[i], 0) || math.IsNaN(out[i]) {
			return slices.Repeat([]float64{1}, levels) // no noise at all
		}
	}
	return out
}

func varianceOf(xs []float64) float64 {
	mean := stats.Mean(xs)
	var squares float64
	for _, x := range xs {
		squares += (x - mean) * (x - mean)
	}
	return squares / float64(len(xs)-1)
}

func meanAt(rounds [][]sample, level int) float64 {
	var sum float64
	for _, r := range rounds {
		sum += r[level].value
	}
	return sum / float64(len(rounds))
}

// estimateAt is the mean over rounds of one level with its 95 % interval.
func estimateAt(rounds [][]sample, level int) v1alpha1.Estimate {
	values := make([]float64, 0, len(rounds))
	for _, r := range rounds {
		values = append(values, r[level].value)
	}
	return stats.MeanInterval(values)
}

func xAt(rounds [][]sample, level int) float64 {
	var sum float64
	for _, r := range rounds {
		sum += r[level].x
	}
	return sum / float64(len(rounds))
}

// linear reports whether the curve is a line.
func (c curve) linear() bool { return c.lines != nil }

// lowest and highest are the ends of what was measured.
func (c curve) lowest() float64  { return xAt(c.rounds, 0) }
func (c curve) highest() float64 { return xAt(c.rounds, len(c.rounds[0])-1) }

// at is the quantity at a rate in each round: on the line, or between the two
// measured points beside it.
func (c curve) at(rate float64) perRound {
	out := perRound{}
	for i, round := range c.rounds {
		out[c.numbers[i]] = between(round, rate)
		if c.linear() {
			out[c.numbers[i]] = c.lines[i][0] + c.lines[i][1]*rate
		}
	}
	return out
}

// rise is what a rate adds to no load, on the lines.
func (c curve) rise(rate float64) perRound {
	out := perRound{}
	for i, l := range c.lines {
		out[c.numbers[i]] = l[1] * rate
	}
	return out
}

func between(round []sample, rate float64) float64 {
	i := 1
	for i < len(round)-1 && round[i].x < rate {
		i++
	}
	low, high := round[i-1], round[i]
	if high.x == low.x {
		return low.value
	}
	return low.value + (high.value-low.value)*(rate-low.x)/(high.x-low.x)
}

// slope and intercept are those of the rounds' lines.
func (c curve) slope() v1alpha1.Estimate     { return c.coefficient(1) }
func (c curve) intercept() v1alpha1.Estimate { return c.coefficient(0) }

func (c curve) coefficient(which int) v1alpha1.Estimate {
	var all []float64
	for _, l := range c.lines {
		all = append(all, l[which])
	}
	return stats.MeanInterval(all)
}
