package stats

import (
	"math"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Neighbours is how much the absolute values of one round are assumed to tell of
// the next one's (the correlation of an autoregression of first order). Machines
// drift within a session, and six rounds are far too few to find out how much. A
// drift of 0.5 is what the simulations make; the rest makes up for percentiles of
// few rounds lying rather low. Ratios within a round need none of it.
const Neighbours = 0.65

// Jackknife is a statistic of n rounds together with its 95 % interval from the
// statistic of all rounds but one, each in turn (Quenouille 1956, Tukey 1958).
// Of a mean over rounds it is Student's interval; of a percentile of all
// requests it needs no average of percentiles, and it keeps the round as what is
// repeated. The interval is widened for rounds that resemble their neighbours,
// see Neighbours. The statistic gets the indices of the rounds to take together.
// The interval is absent with fewer than MinPairs rounds.
func Jackknife(n int, statistic func(rounds []int) float64) v1alpha1.Estimate {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	value := statistic(all)
	if n < MinPairs {
		return v1alpha1.Estimate{Value: value}
	}
	pseudo := make([]float64, n)
	for i := range all {
		without := append(append(make([]int, 0, n), all[:i]...), all[i+1:]...)
		pseudo[i] = float64(n)*value - float64(n-1)*statistic(without)
	}
	half := halfWidth(pseudo, Mean(pseudo)) * widening(n, Neighbours)
	low, high := value-half, value+half
	return v1alpha1.Estimate{Value: value, Low: &low, High: &high}
}

// widening is by how much the standard error of a mean of n values is larger
// than independence makes of their sample variance, if each resembles the one
// before with the correlation r.
func widening(n int, r float64) float64 {
	f := float64(n)
	sum, power := 0.0, 1.0
	for lag := 1; lag < n; lag++ {
		power *= r
		sum += (1 - float64(lag)/f) * power
	}
	factor := 1 + 2*sum // of the variance of the mean
	return math.Sqrt(factor / (1 - (factor-1)/(f-1)))
}
