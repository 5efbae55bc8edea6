package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func draw(random *rand.Rand, n int) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = random.NormFloat64()
	}
	return xs
}

func each(xs []float64, f func(float64) float64) []float64 {
	out := make([]float64, len(xs))
	for i, x := range xs {
		out[i] = f(x)
	}
	return out
}

func TestScaleShiftAndSignDoNotChangeWhatTheyShouldNot(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		xs := draw(random, 4+random.IntN(40))
		shifted := each(xs, func(x float64) float64 { return x + 8 })
		scaled := each(xs, func(x float64) float64 { return x * 4 })
		negated := each(xs, func(x float64) float64 { return -x })

		near(t, "wilcoxon of scaled", Wilcoxon(scaled), Wilcoxon(xs))
		near(t, "wilcoxon of negated", Wilcoxon(negated), Wilcoxon(xs))
		a, b := MeanInterval(xs), MeanInterval(shifted)
		if math.Abs(*b.Low-*a.Low-8) > 1e-12 || math.Abs(*b.High-*a.High-8) > 1e-12 {
			t.Errorf("the interval does not move with the data: %v %v", *a.Low, *b.Low)
		}
		z, zShifted := RobustZ(xs), RobustZ(scaled)
		for i := range z {
			near(t, "robust z of scaled", zShifted[i], z[i])
		}
		tau, p := Trend(xs)
		back, pBack := Trend(reversed(xs))
		near(t, "tau reversed", back, -tau)
		near(t, "p reversed", pBack, p)
	}
}

func TestSwappingArmsInvertsTheRatio(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		n := 4 + random.IntN(10)
		a, b := each(draw(random, n), math.Exp), each(draw(random, n), math.Exp)
		there, _ := RatioInterval(a, b)
		back, _ := RatioInterval(b, a)
		near(t, "value", back.Value, 1/there.Value)
		near(t, "low", *back.Low, 1 / *there.High)
		near(t, "high", *back.High, 1 / *there.Low)
	}
}

func TestStudentQuantileIsMonotoneAndInvertsTheCDF(t *testing.T) {
	for _, df := range []float64{1, 3, 5, 30} {
		last := math.Inf(-1)
		for p := 0.01; p < 1; p += 0.01 {
			q := StudentQuantile(p, df)
			if q <= last {
				t.Errorf("df %v: quantile of %v is %v, not above %v", df, p, q, last)
			}
			near(t, "cdf of quantile", StudentCDF(q, df), p)
			last = q
		}
	}
	if !math.IsNaN(StudentQuantile(0, 3)) || !math.IsNaN(StudentQuantile(0.5, 0)) {
		t.Error("a quantile outside of its range is a number")
	}
}

func TestTooFewPairsHaveNoInterval(t *testing.T) {
	for n := 1; n < MinPairs; n++ {
		if e := MeanInterval(make([]float64, n)); e.Low != nil || e.High != nil {
			t.Errorf("%d values have an interval", n)
		}
	}
	for _, bad := range [][2][]float64{{{1, 0}, {1, 1}}, {{1}, {1, 2}}, {{}, {}}, {{1, math.Inf(1)}, {1, 1}},
		{{-1}, {-1}}} {
		if _, ok := RatioInterval(bad[0], bad[1]); ok {
			t.Errorf("%v have a ratio", bad)
		}
	}
}

func reversed(xs []float64) []float64 {
	out := slices.Clone(xs)
	slices.Reverse(out)
	return out
}
