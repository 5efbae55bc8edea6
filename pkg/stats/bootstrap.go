package stats

import (
	"math/rand/v2"
	"slices"
)

// Bootstrap is the 95 % percentile interval of a statistic over n rounds,
// resampled with replacement. The statistic gets the indices of the rounds
// drawn, n of them; to compare high quantiles of two arms it merges the
// histograms of those rounds of each arm and subtracts the quantiles, so that
// the round stays the unit of replication. The same seed gives the same
// interval. ok is false with fewer than MinPairs rounds or 40 resamples, with
// which no 2.5 % tail can be read.
func Bootstrap(seed int64, resamples, n int, statistic func(rounds []int) float64) (low, high float64, ok bool) {
	const tail, fewest = (1 - confidence) / 2, 40
	if n < MinPairs || resamples < fewest {
		return 0, 0, false
	}
	random := rand.New(rand.NewPCG(uint64(seed), uint64(n)))
	values := make([]float64, resamples)
	drawn := make([]int, n)
	for i := range values {
		for j := range drawn {
			drawn[j] = random.IntN(n)
		}
		values[i] = statistic(drawn)
	}
	slices.Sort(values)
	cut := int(tail * float64(resamples))
	return values[cut], values[resamples-1-cut], true
}
