package analyse_test

import (
	"math"
	"math/rand/v2"
	"strings"
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
		r := complete(t,
			fixture.Options{Experiment: fixture.Named("exp1", 5), Samples: 100,
				Latency: func(string, v1alpha1.Level, int) time.Duration {
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

// Where most rounds have no throughput at all, there is nothing to be off from.
func TestRoundsAroundZeroHaveNoPercentage(t *testing.T) {
	r := complete(t,
		fixture.Options{Experiment: fixture.Named("exp1", 12), Edit: onArm("meshy", func(trial *v1alpha1.Trial) {
			if trial.Round < 12 {
				trial.Load.Errors = []v1alpha1.ErrorCount{{Class: v1alpha1.ErrorTimeout, Count: trial.Load.Requests}}
				trial.Load.Requests, trial.Load.ServiceTime = 0, nil
			}
		})}, nil)
	for _, f := range r.Findings {
		if strings.Contains(f.Evidence, "Inf") || strings.Contains(f.Evidence, "NaN") {
			t.Errorf("%s: %s", f.Code, f.Evidence)
		}
	}
}

// Of a run of the baseline alone, too, rounds that were lost are told.
func TestABaselineAloneHasFewRounds(t *testing.T) {
	for lost, want := range map[int]bool{0: false, 2: true} {
		r := complete(t, fixture.Options{Experiment: fixture.Capacity(4), Edit: func(trial *v1alpha1.Trial) {
			if trial.Round <= lost {
				trial.Status = v1alpha1.TrialVoid
			}
		}}, nil)
		got := false
		for _, f := range r.Findings {
			got = got || f.Code == "few-rounds"
		}
		if got != want {
			t.Errorf("%d of 4 rounds lost: few-rounds %v, want %v", lost, got, want)
		}
	}
}
