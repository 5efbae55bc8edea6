package search_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/gate"
	"github.com/meshbench/kubectl-meshbench/pkg/core/search"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// A damaged report may count steps in quintillions.
func TestStepsAreNotCountedOneByOne(t *testing.T) {
	slo, err := gate.Parse("p99 < 1ms")
	if err != nil {
		t.Fatal(err)
	}
	rate := v1alpha1.Rate(5)
	trials := []v1alpha1.Trial{{Experiment: "e", Level: "l", Arm: "a", Round: math.MaxInt, Rate: &rate},
		{Experiment: "e", Level: "l", Arm: "a", Round: -3, Rate: &rate}}
	if got := search.Records(trials, slo, v1alpha1.Address{Experiment: "e", Level: "l", Arm: "a"}); len(got) != 2 {
		t.Errorf("%d records, want 2", len(got))
	}
}

// However odd the outcomes, a search ends with its last trial, and is only
// conclusive if what it says is confirmed.
func TestNoSearchExceedsItsTrials(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	for range runsOf(10_000) {
		c := search.Config{Resolution: 0.05 + random.Float64()/2, Confirmations: 1 + random.IntN(3),
			MaxTrials: 4 + random.IntN(20)}
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

// Where more requests failed than may lie above a percentile, it is not known to
// hold, however few failed.
func TestFailuresCountAgainstHighPercentiles(t *testing.T) {
	h := stats.NewHistogram()
	for range 9950 {
		h.Record(time.Millisecond)
	}
	rate := v1alpha1.Rate(1000)
	trial := v1alpha1.Trial{
		Rate: &rate, Status: v1alpha1.TrialCompleted, Window: &v1alpha1.Window{Seconds: 10},
		Load: &v1alpha1.LoadResult{Requests: 9950, Errors: []v1alpha1.ErrorCount{{Class: v1alpha1.ErrorReset, Count: 50}},
			ServiceTime: h.ToAPI(), ResponseTime: h.ToAPI()},
	}
	for text, want := range map[string]search.Outcome{
		"p99 < 20ms": search.Holds, "p99.9 < 20ms": search.Fails, "p99.99 < 20ms": search.Fails, "mean < 20ms": search.Holds,
		"errors < 1%": search.Holds,
	} {
		slo, err := gate.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := search.Judge(trial, slo).Outcome; got != want {
			t.Errorf("with 0.5 %% failures %s gives %v, want %v", text, got, want)
		}
	}
}
