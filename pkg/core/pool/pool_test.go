package pool_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/pool"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
	"github.com/meshbench/kubectl-meshbench/test/simulate"
)

// The reference is scipy.stats.ttest_1samp of the logarithms of the ratios.
func TestSessionsAreWhatIsRepeated(t *testing.T) {
	r := pool.Reports(fixture.Sessions(0.70, 0.74, 0.69, 0.72))
	if len(r.Pooled) != 1 || r.Tests != 1 || len(r.Warnings) > 0 {
		t.Fatalf("pooled %+v, %v", r.Pooled, r.Warnings)
	}
	p := r.Pooled[0]
	for what, got := range map[string][2]float64{"value": {p.Ratio.Value, 0.712242421}, "low": {*p.Ratio.Low, 0.677942784},
		"high": {*p.Ratio.High, 0.748277404}, "p": {*p.AdjustedPValue, 0.00020895031}} {
		if math.Abs(got[0]/got[1]-1) > 1e-4 { // rounds of a session have no mean of exactly none
			t.Errorf("%s is %.9g, SciPy says %.9g", what, got[0], got[1])
		}
	}
	if p.Conclusion != v1alpha1.ConclusionLower || len(p.Sessions) != 4 || math.Abs(*p.BetweenRatio-0.0309) > 0.001 ||
		*p.WithinRatio > 0.004 {
		t.Errorf("pooled is %+v, within %g, between %g", p, *p.WithinRatio, *p.BetweenRatio)
	}
}

func TestFewSessionsAreShownWithoutAVerdict(t *testing.T) {
	for n := 2; n < 4; n++ {
		r := pool.Reports(fixture.Sessions(0.5, 0.51, 0.52)[:n])
		if p := r.Pooled[0]; p.Conclusion != v1alpha1.ConclusionInconclusive || p.Ratio.Low != nil ||
			p.BetweenRatio == nil || len(p.Sessions) != n || r.Tests != 0 {
			t.Errorf("%d sessions: %+v", n, p)
		}
	}
	one := fixture.Sessions(0.5)
	if r := pool.Reports(append(one, one...)); len(r.Pooled) != 0 || len(r.Warnings) != 2 {
		t.Errorf("one run twice is %+v", r)
	}
	void := fixture.Sessions(0.5, 0.5, 0.5, 0.5, 0.5)
	void[1].Cells[0].Void = true
	if r := pool.Reports(void); len(r.Pooled[0].Sessions) != 4 {
		t.Errorf("a void session counts: %+v", r.Pooled)
	}
	newer := pool.Reports(fixture.Sessions(0.5, 0.5, 0.5, 0.5, 0.5, 0.5))
	if len(newer.Warnings) != 1 {
		t.Errorf("two versions of a mesh are one system: %+v", newer.Warnings)
	}
}

// Sessions of a release that had fewer factors are of the same experiment.
func TestSessionsOfAnOlderReleaseArePooled(t *testing.T) {
	all := fixture.Sessions(0.70, 0.74, 0.69, 0.72)
	all[0].Experiments = slices.Clone(all[0].Experiments)
	all[0].Experiments[0].Spec.Factors.ErrorRatio, all[0].Experiments[0].Spec.Factors.SlowRatio = nil, nil
	if r := pool.Reports(all); len(r.Pooled) != 1 || len(r.Pooled[0].Sessions) != 4 || len(r.Warnings) > 0 {
		t.Errorf("pooled %+v, %v", r.Pooled, r.Warnings)
	}
}

// Sessions that differ more than rounds tell: the interval over sessions holds the
// truth in 95 %.
func TestHowOftenPoolingIsWrong(t *testing.T) {
	const n = 600
	for _, k := range []int{4, 5} {
		inside := simulate.Share(t, "the interval over sessions holds the truth", n, func(random *rand.Rand) bool {
			var ratios []float64
			for range k {
				ratios = append(ratios, 0.7*math.Exp(0.03*random.NormFloat64()))
			}
			p := pool.Reports(fixture.Sessions(ratios...)).Pooled[0]
			return *p.Ratio.Low <= 0.7 && 0.7 <= *p.Ratio.High
		})
		simulate.AtLeast(t, "coverage", inside, 0.95, n)
		simulate.AtMost(t, "coverage", inside, 0.965, n)
	}
}
