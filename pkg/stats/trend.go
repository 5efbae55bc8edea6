package stats

import "math"

// exactTrend is the longest series whose null distribution is enumerated.
const exactTrend = 50

// Trend tests a series for a monotone trend over its order (Mann-Kendall):
// tau is Kendall's rank correlation of the values with their position, -1 to 1,
// and p is two-sided. Up to 50 values p is exact for series without ties (with
// ties it is conservative); above, the normal approximation. Fewer than three
// values have tau 0 and p 1.
func Trend(xs []float64) (tau, p float64) {
	n := len(xs)
	if n < 3 {
		return 0, 1
	}
	s := 0
	for i := range xs {
		for j := i + 1; j < n; j++ {
			switch {
			case xs[j] > xs[i]:
				s++
			case xs[j] < xs[i]:
				s--
			}
		}
	}
	pairs := n * (n - 1) / 2
	tau = float64(s) / float64(pairs)
	if n > exactTrend {
		f := float64(n)
		z := float64(s) / math.Sqrt(f*(f-1)*(2*f+5)/18)
		return tau, math.Erfc(math.Abs(z) / math.Sqrt2)
	}
	return tau, trendExact(n, (pairs-abs(s))/2)
}

// trendExact is the probability of at most d, or at least the mirrored number
// of, inversions in a random order of n values.
func trendExact(n, d int) float64 {
	shares := []float64{1} // shares[k]: part of all orders with k inversions
	for m := 2; m <= n; m++ {
		next := make([]float64, len(shares)+m-1)
		for k, share := range shares {
			for add := range m {
				next[k+add] += share / float64(m)
			}
		}
		shares = next
	}
	var tail float64
	for k := 0; k <= d; k++ {
		tail += shares[k]
	}
	return math.Min(1, 2*tail)
}

func abs(i int) int {
	if i < 0 {
		return -i
	}
	return i
}
