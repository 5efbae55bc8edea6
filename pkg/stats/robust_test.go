package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Of clean samples of any size, about one in fifty has an outlier.
func TestCleanSamplesHaveFewOutliers(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	const samples = 20_000
	for _, n := range []int{4, 5, 6, 7, 10, 15, 22, 35} {
		hits := 0
		for range samples {
			xs := make([]float64, n)
			for i := range xs {
				xs[i] = random.NormFloat64()
			}
			worst := 0.0
			for _, z := range RobustZ(xs) {
				worst = max(worst, math.Abs(z))
			}
			if worst > OutlierBound(n) {
				hits++
			}
		}
		if share := float64(hits) / samples; share < 0.015 || share > 0.025 {
			t.Errorf("%.3f of samples of %d have an outlier, want 0.02", share, n)
		}
	}
	for n := range 2000 {
		if z := OutlierBound(n); !(z >= 3.5 && z < 13) {
			t.Errorf("the bound for %d values is %v", n, z)
		}
	}
}
