package stats

import (
	"math"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// SteinNeeds is the number of values, first of them included, whose mean has a
// 95 % interval of at most +- half, as the deviation of the first values says: the
// second stage of Stein (1945), max(n0, ceil((t s0 / half)^2)). There are at least
// MinPairs first values, and half is above 0.
func SteinNeeds(first []float64, half float64) int {
	n := len(first)
	t := StudentQuantile(1-(1-confidence)/2, float64(n-1))
	need := t * t * variance(first) / (half * half)
	if !(need < math.MaxInt32) {
		return math.MaxInt32
	}
	return max(n, int(math.Ceil(need)))
}

// SteinShift is the mean of xs with the error that goes with a number of values
// that the deviation of the first of them decided: that deviation and its degrees
// of freedom are kept, so that the interval is exact however many values followed
// (Stein 1945). The first values must not be chosen by their mean. With fewer than
// MinPairs of them, or none that followed, it is MeanShift.
func SteinShift(xs []float64, first int) (s Shift, ok bool) {
	if first < MinPairs || first >= len(xs) {
		return MeanShift(xs)
	}
	return Shift{Value: Mean(xs), Error: math.Sqrt(variance(xs[:first]) / float64(len(xs))), DF: float64(first - 1)}, true
}

// SteinInterval is SteinShift as an estimate with its 95 % interval, which is
// absent with fewer than MinPairs values.
func SteinInterval(xs []float64, first int) v1alpha1.Estimate {
	if first < MinPairs || first >= len(xs) {
		return MeanInterval(xs)
	}
	s, _ := SteinShift(xs, first)
	low, high := s.Interval()
	return v1alpha1.Estimate{Value: s.Value, Low: &low, High: &high}
}

// SteinTest is the two-sided p value of the test that the mean of xs is none, as
// TTest and by the error of SteinShift.
func SteinTest(xs []float64, first int) float64 {
	if first < MinPairs || first >= len(xs) {
		return TTest(xs, 0)
	}
	s, _ := SteinShift(xs, first)
	if math.IsNaN(s.Value) || s.Value == 0 {
		return 1
	}
	return s.TwoSided()
}

// TwoSided is the two-sided p value of the test that the shift is none.
func (s Shift) TwoSided() float64 { return min(1, 2*min(s.Above(0), s.Below(0))) }
