package stats

import "math"

// exactWilcoxon is the largest number of pairs whose null distribution is
// enumerated; above it the normal approximation is good to the third digit.
const exactWilcoxon = 25

// Wilcoxon is the two-sided p value of the signed-rank test that the
// differences are symmetric around zero.
//
// Zero differences are dropped (Wilcoxon's own rule); equal magnitudes share
// their mean rank. Up to 25 remaining differences p is exact, ties included:
// the distribution of the rank sum over all 2^n signs is counted. Above, p is
// the normal approximation with the variance corrected for ties and without
// continuity correction. Without a difference other than zero p is 1.
func Wilcoxon(differences []float64) float64 {
	var kept []float64
	for _, d := range differences {
		if d != 0 && !math.IsNaN(d) {
			kept = append(kept, d)
		}
	}
	n := len(kept)
	if n == 0 {
		return 1
	}
	magnitudes := make([]float64, n)
	for i, d := range kept {
		magnitudes[i] = math.Abs(d)
	}
	doubled := doubledRanks(magnitudes)
	positive := 0
	for i, d := range kept {
		if d > 0 {
			positive += doubled[i]
		}
	}
	if n > exactWilcoxon {
		return wilcoxonNormal(doubled, positive)
	}
	return wilcoxonExact(doubled, positive)
}

// wilcoxonExact counts the signs that give a rank sum at least as far out.
// Ranks are doubled, so that mean ranks of ties stay whole numbers.
func wilcoxonExact(doubled []int, positive int) float64 {
	total := 0
	for _, r := range doubled {
		total += r
	}
	ways := make([]float64, total+1)
	ways[0] = 1
	for _, r := range doubled {
		for s := total; s >= r; s-- {
			ways[s] += ways[s-r]
		}
	}
	extreme := min(positive, total-positive)
	var tail float64
	for s := 0; s <= extreme; s++ {
		tail += ways[s]
	}
	return math.Min(1, 2*tail/math.Exp2(float64(len(doubled))))
}

func wilcoxonNormal(doubled []int, positive int) float64 {
	// With ranks r the sum of the positive ones has mean sum(r)/2 and variance
	// sum(r^2)/4; sharing ranks between ties makes the sum of squares smaller,
	// which is the usual tie correction.
	var mean, variance float64
	for _, d := range doubled {
		r := float64(d) / 2
		mean += r / 2
		variance += r * r / 4
	}
	z := (float64(positive)/2 - mean) / math.Sqrt(variance)
	return math.Erfc(math.Abs(z) / math.Sqrt2)
}
