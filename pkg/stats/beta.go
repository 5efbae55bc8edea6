package stats

import "math"

// regularizedBeta is I_x(a, b), the regularised incomplete beta function, for
// a, b > 0 and 0 <= x <= 1. It evaluates the continued fraction of Abramowitz
// and Stegun 26.5.8 by Lentz's method, on the side where it converges fast.
func regularizedBeta(x, a, b float64) float64 {
	switch {
	case x <= 0:
		return 0
	case x >= 1:
		return 1
	case x > (a+1)/(a+b+2):
		return 1 - regularizedBeta(1-x, b, a)
	}
	front := math.Exp(a*math.Log(x) + b*math.Log1p(-x) - logBeta(a, b))
	return front * betaFraction(x, a, b) / a
}

func logBeta(a, b float64) float64 {
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	return la + lb - lab
}

// betaFraction is the continued fraction itself. A few dozen steps reach full
// precision for x below (a+1)/(a+b+2); the bound only ends hopeless input.
func betaFraction(x, a, b float64) float64 {
	const tiny, precision, steps = 1e-300, 1e-16, 10_000
	away := func(v float64) float64 {
		if math.Abs(v) < tiny {
			return tiny
		}
		return v
	}
	c := 1.0
	d := 1 / away(1-(a+b)*x/(a+1))
	h := d
	for i := 1; i <= steps; i++ {
		m := float64(i)
		even := m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		d = 1 / away(1+even*d)
		c = away(1 + even/c)
		h *= d * c
		odd := -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		d = 1 / away(1+odd*d)
		c = away(1 + odd/c)
		h *= d * c
		if math.Abs(d*c-1) < precision {
			break
		}
	}
	return h
}
