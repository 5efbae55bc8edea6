package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// share of n seeded runs in which something came out, with the name it is
// reported under in docs/method.md.
func share(t *testing.T, name string, n int, run func(*rand.Rand) bool) float64 {
	t.Helper()
	random, hits := rand.New(rand.NewPCG(20260101, uint64(len(name)))), 0
	for range n {
		if run(random) {
			hits++
		}
	}
	t.Logf("%s: %.2f %% of %d", name, 100*float64(hits)/float64(n), n)
	return float64(hits) / float64(n)
}

// noise of a share near 2.5 % in n runs: three standard errors.
func noise(n int) float64 { return 3 * math.Sqrt(0.025*0.975/float64(n)) }

func TestHolm(t *testing.T) {
	family := []Test{{0.01, 1}, {0.04, 1}, {0.03, 1}, {0.005, 1}}
	for i, want := range []float64{0.03, 0.06, 0.06, 0.02} { // R: p.adjust(p, "holm")
		if got := Holm(family)[i]; math.Abs(got-want) > 1e-12 {
			t.Errorf("adjusted p %d is %v, want %v", i, got, want)
		}
	}
	weighted := Holm([]Test{{0.02, 8}, {0.02, 2}})
	if math.Abs(weighted[0]-0.025) > 1e-12 || math.Abs(weighted[1]-0.025) > 1e-12 {
		// The first takes 10/8 of its p; the second then has the family to itself.
		t.Errorf("weighted p are %v", weighted)
	}
}

// However the tests depend on each other, at most 5 % of clean families reject.
func TestHolmKeepsTheFamily(t *testing.T) {
	const runs, members = 20_000, 20
	for _, together := range []float64{0, 0.9} {
		wrong := share(t, "clean families of 20 t tests that reject", runs, func(r *rand.Rand) bool {
			var common [6]float64
			for i := range common {
				common[i] = r.NormFloat64()
			}
			family := make([]Test, members)
			for i := range family {
				xs := make([]float64, len(common))
				for j := range xs {
					xs[j] = together*common[j] + math.Sqrt(1-together*together)*r.NormFloat64()
				}
				family[i] = Test{TTest(xs, 0), float64(1 + 9*(i%2))}
			}
			for _, p := range Holm(family) {
				if p <= 0.05 {
					return true
				}
			}
			return false
		})
		if wrong > 0.055 {
			t.Errorf("with a correlation of %v, %.3f of the families reject", together, wrong)
		}
	}
}

func TestPoissonBounds(t *testing.T) {
	for _, c := range []struct {
		seen      int
		low, high float64
	}{{0, 0, 3.688879}, {1, 0.025318, 5.571643}, {10, 4.795389, 18.390356}, {100, 81.363991, 121.626794}} {
		low, high := PoissonBounds(c.seen) // qchisq(.025, 2x)/2, qchisq(.975, 2x+2)/2
		if math.Abs(low-c.low) > 2e-5 || math.Abs(high-c.high) > 1e-5 {
			t.Errorf("of %d: %v to %v, want %v to %v", c.seen, low, high, c.low, c.high)
		}
	}
	if low, high := PoissonBounds(1_000_000); !(low < 1e6-1900 && low > 1e6-2000 && high > 1e6+1900 && high < 1e6+2000) {
		t.Errorf("of a million: %v to %v", low, high)
	}
}

// The interval of a mean over independent rounds is Student's, but for the widening.
func TestJackknifeOfAMeanIsStudents(t *testing.T) {
	xs := []float64{1.2, 3.4, 2.2, 5.1, 4.4, 2.9}
	got := Jackknife(len(xs), func(rounds []int) float64 {
		var taken []float64
		for _, i := range rounds {
			taken = append(taken, xs[i])
		}
		return Mean(taken)
	})
	want := MeanInterval(xs)
	ratio := (*got.High - *got.Low) / (*want.High - *want.Low)
	if math.Abs(got.Value-want.Value) > 1e-12 || math.Abs(ratio-widening(len(xs), Neighbours)) > 1e-9 {
		t.Errorf("got %v, student's is %v, width %v times", got, want, ratio)
	}
}

// Sessions drift: what is said of a percentile that lies exactly at a bound must
// not fall below it in more than 2.5 % of them.
func TestAbsoluteIntervalsHoldWithDrift(t *testing.T) {
	const runs, rounds, within, quantile = 2000, 6, 0.3, 0.99
	for _, c := range []struct{ spread, neighbours float64 }{{0.03, 0}, {0.03, 0.5}, {0.1, 0.5}} {
		truth := math.Sqrt(within*within+c.spread*c.spread) * 2.3263478740408408
		below, above := 0, 0
		random := rand.New(rand.NewPCG(7, uint64(1000*c.spread)))
		for range runs {
			levels := drifting(random, rounds, c.spread, c.neighbours)
			e := Jackknife(rounds, func(taken []int) float64 { return mixed(levels, taken, within, quantile) })
			if *e.High < truth {
				below++
			}
			if *e.Low > truth {
				above++
			}
		}
		t.Logf("p99 of 6 rounds, spread %.0f %%, neighbours %.1f: %.2f %% below, %.2f %% above", 100*c.spread, c.neighbours,
			100*float64(below)/runs, 100*float64(above)/runs)
		if float64(below)/runs > 0.025+noise(runs) {
			t.Errorf("%d of %d intervals lie below the truth", below, runs)
		}
	}
}

// drifting are the logarithms of the levels of rounds that resemble their neighbours.
func drifting(random *rand.Rand, n int, spread, neighbours float64) []float64 {
	out := make([]float64, n)
	at := random.NormFloat64()
	for i := range out {
		if i > 0 {
			at = neighbours*at + math.Sqrt(1-neighbours*neighbours)*random.NormFloat64()
		}
		out[i] = spread * at
	}
	return out
}

// mixed is the logarithm of a quantile of all requests of some rounds together,
// each of them log-normal.
func mixed(levels []float64, taken []int, within, quantile float64) float64 {
	low, high := -5.0, 5.0
	for range 35 {
		middle := (low + high) / 2
		var below float64
		for _, i := range taken {
			below += 0.5 * math.Erfc((levels[i]-middle)/(within*math.Sqrt2))
		}
		if below/float64(len(taken)) < quantile {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}
