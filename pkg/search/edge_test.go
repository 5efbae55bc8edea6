package search_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/gate"
	"github.com/meshbench/kubectl-meshbench/pkg/search"
)

// A damaged report may count steps in quintillions.
func TestStepsAreNotCountedOneByOne(t *testing.T) {
	slo, err := gate.Parse("p99 < 1ms")
	if err != nil {
		t.Fatal(err)
	}
	rate := v1alpha1.Rate(5)
	trials := []v1alpha1.Trial{{Experiment: "e", Level: "l", Arm: "a", Round: math.MaxInt, Rate: &rate}, {Experiment: "e", Level: "l", Arm: "a", Round: -3, Rate: &rate}}
	if got := search.Records(trials, slo, "e", "l", "a"); len(got) != 2 {
		t.Errorf("%d records, want 2", len(got))
	}
}

// However odd the outcomes, a search ends with its last trial, and is only
// conclusive if what it says is confirmed.
func TestNoSearchExceedsItsTrials(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	for range 100_000 {
		c := search.Config{Resolution: 0.05 + random.Float64()/2, Confirmations: 1 + random.IntN(3), MaxTrials: 4 + random.IntN(20)}
		if random.IntN(2) == 0 {
			c.Low = 50
		}
		p, void := random.Float64(), random.Float64()/2
		var done []search.Record
		for {
			s := search.Next(c, done)
			if s.Done {
				if s.Conclusive && (s.HoldsAt == nil || s.FailsAt == nil || *s.HoldsAt >= *s.FailsAt) {
					t.Fatalf("concludes with %+v", s)
				}
				break
			}
			if len(done) >= c.MaxTrials {
				t.Fatalf("%+v goes on with %v after %d trials: %+v", c, s.Next, len(done), s.Steps)
			}
			r := search.Record{Rate: s.Next, Outcome: search.Fails, Achieved: 1000}
			if random.Float64() < p {
				r.Outcome = search.Holds
			}
			if random.Float64() < void {
				r.Outcome = search.Void
			}
			done = append(done, r)
		}
	}
}
