package stats

import (
	"math"
	"slices"
)

// QuantileInterval is the 95 % interval of the q quantile, 0 < q < 1, of the
// distribution that xs are drawn from, whatever its shape: two order
// statistics whose coverage by the binomial distribution is at least 95 %.
// Each tail gets at most 2.5 %. ok is false where xs are too few for a bound on
// both sides (the median needs 6 values).
func QuantileInterval(xs []float64, q float64) (low, high float64, ok bool) {
	n := len(xs)
	if !(q > 0 && q < 1) {
		return 0, 0, false
	}
	// The number of values below the quantile is binomial(n, q). low is the
	// value at 1-based rank l with P(B < l) <= 2.5 %, high the one at rank h
	// with P(B >= h) <= 2.5 %.
	const tail = (1 - confidence) / 2
	l, h := 0, 0
	var below float64
	for k := range n {
		below += binomial(n, k, q)
		if below <= tail {
			l = k + 1
		}
		if h == 0 && 1-below <= tail {
			h = k + 1
		}
	}
	if l == 0 || h == 0 {
		return 0, 0, false
	}
	sorted := slices.Sorted(slices.Values(xs))
	return sorted[l-1], sorted[h-1], true
}

// binomial is the probability of k successes in n tries.
func binomial(n, k int, q float64) float64 {
	choose := func(x int) float64 { v, _ := math.Lgamma(float64(x) + 1); return v }
	return math.Exp(choose(n) - choose(k) - choose(n-k) + float64(k)*math.Log(q) + float64(n-k)*math.Log1p(-q))
}
