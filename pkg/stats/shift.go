package stats

import "math"

// Shift is by how much the mean of one sample lies above that of another, with
// its standard error and the degrees of freedom of its t distribution.
type Shift struct {
	Value, Error, DF float64
}

// MeanShift is the mean of differences (Student 1908); ok is false without any.
// Fewer than MinPairs are not enough for an interval.
func MeanShift(differences []float64) (s Shift, ok bool) {
	n := float64(len(differences))
	if n == 0 {
		return Shift{}, false
	}
	s = Shift{Value: Mean(differences), DF: n - 1}
	if n > 1 {
		s.Error = math.Sqrt(variance(differences) / n)
	}
	return s, true
}

// WelchShift is mean(a) - mean(b) of samples whose variances may differ (Welch
// 1947). ok is false with fewer than MinPairs values on either side.
func WelchShift(a, b []float64) (s Shift, ok bool) {
	if len(a) < MinPairs || len(b) < MinPairs {
		return Shift{}, false
	}
	va, vb := variance(a)/float64(len(a)), variance(b)/float64(len(b))
	s = Shift{Value: Mean(a) - Mean(b), Error: math.Sqrt(va + vb), DF: float64(len(a) + len(b) - 2)}
	if va+vb > 0 {
		s.DF = (va + vb) * (va + vb) / (va*va/float64(len(a)-1) + vb*vb/float64(len(b)-1))
	}
	return s, true
}

// PooledShift is mean(a) - mean(b) of samples of one variance (Student 1908), so
// that one side may be a single value. ok is false with fewer than 4 in all.
func PooledShift(a, b []float64) (s Shift, ok bool) {
	n, m := float64(len(a)), float64(len(b))
	if n < 1 || m < 1 || n+m < MinPairs {
		return Shift{}, false
	}
	var squares float64
	for _, xs := range [][]float64{a, b} {
		mean := Mean(xs)
		for _, x := range xs {
			squares += (x - mean) * (x - mean)
		}
	}
	pooled := squares / (n + m - 2)
	return Shift{Value: Mean(a) - Mean(b), Error: math.Sqrt(pooled * (1/n + 1/m)), DF: n + m - 2}, true
}

// Above is the one-sided p value of the test that the shift is at most bound.
func (s Shift) Above(bound float64) float64 {
	switch off := s.Value - bound; {
	case s.Error > 0:
		return StudentCDF(-off/s.Error, s.DF)
	case off > 0:
		return 0
	default:
		return 1
	}
}

// Below is the one-sided p value of the test that the shift is at least bound.
func (s Shift) Below(bound float64) float64 { return Shift{-s.Value, s.Error, s.DF}.Above(-bound) }

// Interval is the 95 % interval of the shift.
func (s Shift) Interval() (low, high float64) {
	half := StudentQuantile(1-(1-confidence)/2, s.DF) * s.Error
	return s.Value - half, s.Value + half
}
