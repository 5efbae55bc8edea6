package stats

import "math"

// TTest is the two-sided p value of Student's one-sample test that the mean of
// xs is none. It is 1 with fewer than MinPairs values. Values that are all the
// same have p 0 unless they are none.
func TTest(xs []float64, none float64) float64 {
	if len(xs) < MinPairs {
		return 1
	}
	n := float64(len(xs))
	off, spread := Mean(xs)-none, math.Sqrt(variance(xs)/n)
	switch {
	case math.IsNaN(off) || off == 0:
		return 1
	case spread == 0:
		return 0
	}
	return 2 * StudentCDF(-math.Abs(off/spread), n-1)
}
