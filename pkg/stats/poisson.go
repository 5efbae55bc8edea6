package stats

import "math"

// PoissonBounds are the exact two-sided 95 % bounds of the mean of a Poisson
// distribution of which one value was seen (Garwood 1936). Of none seen, the
// upper bound is 3.69.
func PoissonBounds(seen int) (low, high float64) {
	const tail = (1 - confidence) / 2
	if seen < 0 {
		return math.NaN(), math.NaN()
	}
	if seen > 0 { // P(X >= seen) = tail
		low = poissonMean(seen-1, 1-tail)
	}
	return low, poissonMean(seen, tail) // P(X <= seen) = tail
}

// poissonMean is the mean with which at most k are seen with probability p.
func poissonMean(k int, p float64) float64 {
	low, high := 0.0, float64(k)+10*math.Sqrt(float64(k)+1)+10
	for range 100 {
		middle := (low + high) / 2
		if poissonCDF(k, middle) > p {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

// poissonCDF is the probability of at most k. Terms are added from the largest
// of them downwards, until they no longer matter.
func poissonCDF(k int, mean float64) float64 {
	if mean <= 0 {
		return 1
	}
	from := min(k, int(mean)) // the mode, or the last term if that is below it
	log := func(i int) float64 {
		l, _ := math.Lgamma(float64(i) + 1)
		return float64(i)*math.Log(mean) - mean - l
	}
	term := math.Exp(log(from))
	sum := term
	for i, t := from, term; i > 0 && t > sum*1e-18; i-- {
		t *= float64(i) / mean
		sum += t
	}
	for i, t := from+1, term; i <= k; i++ {
		t *= mean / float64(i)
		sum += t
		if t < sum*1e-18 {
			break
		}
	}
	return min(1, sum)
}
