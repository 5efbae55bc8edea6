package stats

import "slices"

// doubledRanks are twice the ranks of xs, counted from 1; equal values share
// their mean rank, which doubled is a whole number.
func doubledRanks(xs []float64) []int {
	order := make([]int, len(xs))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case xs[a] < xs[b]:
			return -1
		case xs[a] > xs[b]:
			return 1
		default:
			return 0
		}
	})
	ranks := make([]int, len(xs))
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && xs[order[to]] == xs[order[from]] {
			to++
		}
		for _, i := range order[from:to] {
			ranks[i] = from + 1 + to // first rank + last rank = 2 x mean rank
		}
		from = to
	}
	return ranks
}
