package stats

import (
	"math"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// WelchRatio is exp(mean(a) - mean(b)) of two independent samples of
// logarithms, with its 95 % interval by Welch's t test (Welch 1947; the degrees
// of freedom are Satterthwaite's). ok is false with fewer than MinPairs values
// on either side, or where two different values do not vary at all; if all values
// are one, the ratio is 1 exactly.
func WelchRatio(a, b []float64) (ratio v1alpha1.Estimate, ok bool) {
	if len(a) < MinPairs || len(b) < MinPairs {
		return v1alpha1.Estimate{}, false
	}
	va, vb := variance(a)/float64(len(a)), variance(b)/float64(len(b))
	if !(va+vb > 0) {
		same := 1.0
		return v1alpha1.Estimate{Value: 1, Low: &same, High: &same}, a[0] == b[0]
	}
	df := (va + vb) * (va + vb) / (va*va/float64(len(a)-1) + vb*vb/float64(len(b)-1))
	difference := Mean(a) - Mean(b)
	half := StudentQuantile(1-(1-confidence)/2, df) * math.Sqrt(va+vb)
	low, high := math.Exp(difference-half), math.Exp(difference+half)
	return v1alpha1.Estimate{Value: math.Exp(difference), Low: &low, High: &high}, true
}

// variance is the unbiased one.
func variance(xs []float64) float64 {
	mean := Mean(xs)
	var squares float64
	for _, x := range xs {
		squares += (x - mean) * (x - mean)
	}
	return squares / float64(len(xs)-1)
}
