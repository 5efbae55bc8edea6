package stats

import (
	"math"
	"slices"
)

// Median is the middle value, the mean of the two middle ones, or NaN of nothing.
func Median(xs []float64) float64 {
	n := len(xs)
	if n == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(xs))
	if n%2 == 1 {
		return sorted[n/2]
	}
	return sorted[n/2-1] + (sorted[n/2]-sorted[n/2-1])/2
}

// RobustZ are the modified z scores of Iglewicz and Hoaglin (1993): the
// distance of each value from the median in units of the median absolute
// deviation, scaled so that they resemble standard deviations of normal data.
// Where more than half of the values are equal the mean absolute deviation
// takes its place; where all are, every score is 0. Their rule calls an
// absolute score above 3.5 an outlier.
func RobustZ(xs []float64) []float64 {
	const perMedian, perMean = 1.482602218505602, 1.2533141373155
	median := Median(xs)
	deviations := make([]float64, len(xs))
	for i, x := range xs {
		deviations[i] = math.Abs(x - median)
	}
	scale := perMedian * Median(deviations)
	if scale == 0 {
		scale = perMean * Mean(deviations)
	}
	scores := make([]float64, len(xs))
	for i, x := range xs {
		if scale > 0 {
			scores[i] = (x - median) / scale
		}
	}
	return scores
}
