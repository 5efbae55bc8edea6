package analyse_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

// Rounds that differ by chance alone, by a few percent as on a shared machine,
// are seldom called odd.
func TestNoisyRoundsAreSeldomCalledOdd(t *testing.T) {
	const runs = 40
	odd := 0
	for seed := range uint64(runs) {
		random := rand.New(rand.NewPCG(seed, 3))
		r := complete(t, fixture.Options{Experiment: fixture.Named("exp1", 5), Samples: 100, Latency: func(string, v1alpha1.Level, int) time.Duration {
			return time.Duration(1e6 * math.Exp(0.05*random.NormFloat64()))
		}}, nil)
		for _, f := range r.Findings {
			if f.Code == "cold-start" || f.Code == "outlier" {
				odd++
			}
		}
	}
	if odd > runs/8 { // two cells each
		t.Errorf("%d of %d clean cells are called odd", odd, 2*runs)
	}
}
