package stats

import (
	"cmp"
	"slices"
)

// Test is one of a family of tests: its own p value, and its share of the
// family's error. Only the proportions of the weights matter; all are above 0.
type Test struct {
	P, Weight float64
}

// Shares are the weights of tests in classes: each class has its share of the
// family's error, above 0, and its tests the same part of it. What a class without
// a test would have goes to the others.
func Shares(classes []int, shares ...float64) []float64 {
	count := make([]float64, len(shares))
	for _, c := range classes {
		count[c]++
	}
	weights := make([]float64, len(classes))
	for i, c := range classes {
		weights[i] = shares[c] / count[c]
	}
	return weights
}

// Holm are the p values of a family of tests adjusted for each other, in the
// order of the family: to reject all of those at most 0.05 rejects any true
// hypothesis with a probability of at most 5 %, however the tests depend on each
// other. It is the weighted sequentially rejective procedure (Holm 1979, section
// 4): what a rejected test leaves of the family's error goes to the others.
func Holm(family []Test) []float64 {
	order := make([]int, len(family))
	var left float64
	for i, t := range family {
		order[i] = i
		left += t.Weight
	}
	slices.SortStableFunc(order, func(a, b int) int {
		// By p / weight, multiplied out.
		return cmp.Compare(family[a].P*family[b].Weight, family[b].P*family[a].Weight)
	})
	adjusted := make([]float64, len(family))
	var worst float64
	for _, i := range order {
		worst = max(worst, min(1, family[i].P*left/family[i].Weight))
		adjusted[i] = worst
		left -= family[i].Weight
	}
	return adjusted
}
