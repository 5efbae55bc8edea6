package trend

import (
	"hash/fnv"
	"math"
	"math/rand/v2"

	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

const (
	// leastSessions is the shortest series in which a change of level is looked for,
	// and leastSegment how many sessions stand on either side of one: a single odd day
	// is no change.
	leastSessions = 10
	leastSegment  = 3
	// permutations of a series tell how large the largest step is by chance.
	permutations = 1999
)

// largest is the place at which a series falls apart most, by the largest absolute
// t statistic of two samples over all places (Hawkins 1977), and how often it is as
// large in a random order, so that nothing is assumed of how sessions are
// distributed. It is exact where sessions are exchangeable: where one resembles the
// day before, p is too small.
func largest(xs []float64, random *rand.Rand) (at int, p float64) {
	at, t := place(xs)
	if t == 0 {
		return at, 1
	}
	order := append([]float64(nil), xs...)
	above := 1
	for range permutations {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		if _, other := place(order); other >= t*(1-1e-12) {
			above++
		}
	}
	return at, float64(above) / (permutations + 1)
}

// place is where the statistic is largest. Sums of all up to each place are enough
// for it.
func place(xs []float64) (at int, t float64) {
	n := float64(len(xs))
	mean := stats.Mean(xs)
	var total, sum float64
	for _, x := range xs {
		total += (x - mean) * (x - mean)
	}
	for i := range xs[:len(xs)-leastSegment] {
		sum += xs[i] - mean
		if i+1 < leastSegment {
			continue
		}
		k := float64(i + 1)
		between := sum * sum * n / (k * (n - k))
		one := 0.0
		if within := total - between; within > 1e-12*total {
			one = math.Sqrt(between / (within / (n - 2)))
		} else if between > 0 {
			one = math.MaxFloat64
		}
		if one > t {
			at, t = i+1, one
		}
	}
	return at, t
}

// steps are the changes of level of a series by binary segmentation (Vostrikova
// 1981): the largest, then those of both sides, while they stand out. In a share
// alpha of steady series any is found.
func steps(xs []float64, alpha float64, random *rand.Rand) []int {
	if len(xs) < leastSessions {
		return nil
	}
	return split(xs, 0, alpha, random)
}

func split(xs []float64, from int, alpha float64, random *rand.Rand) []int {
	if len(xs) < 2*leastSegment {
		return nil
	}
	at, p := largest(xs, random)
	if p > alpha {
		return nil
	}
	out := split(xs[:at], from, alpha, random)
	out = append(out, from+at)
	return append(out, split(xs[at:], from+at, alpha, random)...)
}

// seeded is a source that is the same whenever a series is looked at again.
func seeded(name string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // never fails
	return rand.New(rand.NewPCG(h.Sum64(), 1977))
}
