package stats

import "math"

// StudentCDF is the probability that a variable of Student's t distribution
// with df > 0 degrees of freedom is at most t.
func StudentCDF(t, df float64) float64 {
	if t == 0 {
		return 0.5
	}
	var tail float64
	if t*t < df { // where df/(df+t*t) would round the digits of t away
		tail = 0.5 - regularizedBeta(t*t/(df+t*t), 0.5, df/2)/2
	} else {
		tail = regularizedBeta(df/(df+t*t), df/2, 0.5) / 2
	}
	if t > 0 {
		return 1 - tail
	}
	return tail
}

// StudentQuantile is the value that a variable of Student's t distribution
// with df > 0 degrees of freedom stays below with probability p, 0 < p < 1. It
// is NaN outside of that. It inverts StudentCDF by Newton's method within a
// bracket that is halved where a step would leave it, which cannot fail to converge.
func StudentQuantile(p, df float64) float64 {
	switch {
	case !(p > 0 && p < 1) || !(df > 0):
		return math.NaN()
	case p == 0.5:
		return 0
	case p > 0.5: // the lower tail keeps its digits, the upper one loses them to 1 - p
		return -StudentQuantile(1-p, df)
	}
	low, high := -1.0, 0.0
	for StudentCDF(low, df) > p {
		low, high = 2*low, low
	}
	t := low + (high-low)/2
	for range 200 {
		off := StudentCDF(t, df) - p
		if off > 0 {
			high = t
		} else {
			low = t
		}
		next := t - off/studentDensity(t, df)
		if !(next > low && next < high) {
			next = low + (high-low)/2
		}
		if math.Abs(next-t) <= 1e-15*math.Abs(t) {
			return next
		}
		t = next
	}
	return t
}

func studentDensity(t, df float64) float64 {
	above, _ := math.Lgamma((df + 1) / 2)
	below, _ := math.Lgamma(df / 2)
	return math.Exp(above-below-(df+1)/2*math.Log1p(t*t/df)) / math.Sqrt(df*math.Pi)
}
