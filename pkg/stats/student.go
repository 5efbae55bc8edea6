package stats

import "math"

// StudentCDF is the probability that a variable of Student's t distribution
// with df > 0 degrees of freedom is at most t.
func StudentCDF(t, df float64) float64 {
	if t == 0 {
		return 0.5
	}
	tail := regularizedBeta(df/(df+t*t), df/2, 0.5) / 2
	if t > 0 {
		return 1 - tail
	}
	return tail
}

// StudentQuantile is the value that a variable of Student's t distribution
// with df > 0 degrees of freedom stays below with probability p, 0 < p < 1. It
// is NaN outside of that. It inverts StudentCDF by bisection, which cannot
// fail to converge.
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
		low *= 2
	}
	for range 200 {
		middle := low + (high-low)/2
		if middle == low || middle == high {
			break
		}
		if StudentCDF(middle, df) > p {
			high = middle
		} else {
			low = middle
		}
	}
	return low + (high-low)/2
}
