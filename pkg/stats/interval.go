package stats

import (
	"math"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const (
	// MinPairs is the smallest number of repetitions that carries an interval.
	// With three, the t quantile is above 4 and hides every effect of interest;
	// with fewer than four no rank test can reach p = 0.125.
	MinPairs = 4
	// confidence of every interval of this package.
	confidence = 0.95
)

// MeanInterval is the arithmetic mean of xs with its 95 % interval from
// Student's t distribution. The interval is absent with fewer than MinPairs
// values, the estimate is NaN without any.
func MeanInterval(xs []float64) v1alpha1.Estimate {
	mean := Mean(xs)
	if len(xs) < MinPairs {
		return v1alpha1.Estimate{Value: mean}
	}
	half := halfWidth(xs, mean)
	low, high := mean-half, mean+half
	return v1alpha1.Estimate{Value: mean, Low: &low, High: &high}
}

// RatioInterval is the geometric mean of arm[i]/baseline[i] with its 95 %
// interval from Student's t distribution on the logarithms. ok is false unless
// the slices are equally long, not empty, and all values positive and finite.
func RatioInterval(arm, baseline []float64) (ratio v1alpha1.Estimate, ok bool) {
	logs, ok := LogRatios(arm, baseline)
	if !ok {
		return v1alpha1.Estimate{}, false
	}
	return Exp(MeanInterval(logs)), true
}

// Exp is the estimate of a ratio whose logarithm was estimated.
func Exp(e v1alpha1.Estimate) v1alpha1.Estimate {
	out := v1alpha1.Estimate{Value: math.Exp(e.Value)}
	if e.Low != nil && e.High != nil {
		low, high := math.Exp(*e.Low), math.Exp(*e.High)
		out.Low, out.High = &low, &high
	}
	return out
}

// LogRatios are the natural logarithms of arm[i]/baseline[i]. ok is false
// unless the slices are equally long, not empty, and all values positive and
// finite.
func LogRatios(arm, baseline []float64) (logs []float64, ok bool) {
	if len(arm) == 0 || len(arm) != len(baseline) {
		return nil, false
	}
	for i, a := range arm {
		// The difference of logarithms cannot overflow where the quotient would.
		l := math.Log(a) - math.Log(baseline[i])
		if !(a > 0 && baseline[i] > 0) || math.IsInf(l, 0) || math.IsNaN(l) {
			return nil, false
		}
		logs = append(logs, l)
	}
	return logs, true
}

// Differences are arm[i] - baseline[i] of two equally long slices.
func Differences(arm, baseline []float64) []float64 {
	out := make([]float64, len(arm))
	for i, a := range arm {
		out[i] = a - baseline[i]
	}
	return out
}

// Mean is the arithmetic mean, NaN of nothing. Of equal values it is exactly
// that value, which a sum of them may round away from.
func Mean(xs []float64) float64 {
	var sum float64
	same := len(xs) > 0
	for _, x := range xs {
		sum += x
		same = same && x == xs[0]
	}
	if same {
		return xs[0]
	}
	return sum / float64(len(xs))
}

func halfWidth(xs []float64, mean float64) float64 {
	n := float64(len(xs))
	var squares float64
	for _, x := range xs {
		squares += (x - mean) * (x - mean)
	}
	return StudentQuantile(1-(1-confidence)/2, n-1) * math.Sqrt(squares/(n-1)/n)
}
