package stats

import (
	"math"
	"testing"
)

// All that a trial may show adds up to one, whatever is expected of it.
func TestTheLikelihoodsOfATrialAddUpToOne(t *testing.T) {
	const step = 1e-3
	for _, expected := range []float64{-2 * farMargin, -0.3, 0, 0.8, 1.5 * farMargin} {
		for _, noise := range []float64{0.1, 1, 3} {
			of := func(margin float64) float64 {
				return ThresholdTrial{Margin: &margin}.likelihood(expected, noise)
			}
			sum := of(-farMargin) + of(farMargin)
			for x := -farMargin + step/2; x < farMargin; x += step {
				sum += of(x) * step
			}
			if math.Abs(sum-1) > 1e-3 {
				t.Errorf("%g expected with noise %g: margins add up to %g", expected, noise, sum)
			}
			yes, no := ThresholdTrial{Yes: true}.likelihood(expected, noise), ThresholdTrial{}.likelihood(expected, noise)
			if math.Abs(yes+no-1) > 1e-12 {
				t.Errorf("%g expected with noise %g: answers add up to %g", expected, noise, yes+no)
			}
		}
	}
	if got, want := normalBelow(1.3), 0.9031995154143897; math.Abs(got-want) > 1e-12 { // scipy.stats.norm.cdf(1.3)
		t.Errorf("normal below 1.3 is %v, want %v", got, want)
	}
}
