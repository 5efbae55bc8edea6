package gate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/simulate"
)

// burstyTrials are rounds of 100 requests/s on 32 connections in which a share
// of requests fails, in bursts.
func burstyTrials(random *rand.Rand, share float64, burst int) ([]v1alpha1.Trial, v1alpha1.MetricValue) {
	const rounds, seconds, rate = 6, 30, 100
	var trials []v1alpha1.Trial
	v := v1alpha1.MetricValue{Metric: v1alpha1.MetricErrors}
	for round := 1; round <= rounds; round++ {
		failed := make([]int64, seconds)
		var all int64
		for s := range failed {
			// How many bursts begin in a second is Poisson with a small mean.
			for p := share * rate / float64(burst); random.Float64() < -math.Expm1(-p); {
				for i, at := 0, random.IntN(rate); i < burst && s+(at+i)/rate < seconds; i++ {
					failed[s+(at+i)/rate]++
				}
			}
		}
		t := v1alpha1.Trial{Round: round, Load: &v1alpha1.LoadResult{Sockets: 32}}
		for s, n := range failed {
			n = min(n, rate)
			all += n
			t.Series = append(t.Series, v1alpha1.Second{OffsetSeconds: s, Requests: rate - n, Errors: n})
		}
		t.Load.Requests = seconds*rate - all
		t.Load.Errors = []v1alpha1.ErrorCount{{Class: v1alpha1.ErrorStatus, Count: all}}
		v.PerRound = append(v.PerRound, v1alpha1.RoundValue{Round: round, Value: float64(all) / (seconds * rate)})
		trials = append(trials, t)
	}
	return trials, v
}

// With a true share that is the bound, or twice it, in bursts or one by one, an
// objective passes in at most 2.5 % of runs.
func TestSimulatedErrorsInBurstsDoNotPass(t *testing.T) {
	const runs = 1500
	for _, c := range []struct {
		bound, share float64
		burst        int
	}{{0.001, 0.001, 1}, {0.001, 0.002, 20}, {0.001, 0.001, 20}, {0.01, 0.01, 1}, {0.01, 0.01, 20}, {0.05, 0.05, 20},
		{0.01, 0.01, 32}} {
		slo := SLO{Metric: v1alpha1.MetricErrors, Bound: c.bound}
		name := fmt.Sprintf("errors < %g %%, true share %g %% in bursts of %d: false pass", 100*c.bound, 100*c.share, c.burst)
		passed := simulate.Share(t, name, runs, func(random *rand.Rand) bool {
			e, why := slo.share(burstyTrials(random, c.share, c.burst))
			result, _ := slo.judge(e, why)
			return result == v1alpha1.VerdictPass
		})
		simulate.AtMost(t, name, passed, 0.025, runs)
	}
	name := "errors < 1 %, true share 0.1 % one by one: pass"
	slo := SLO{Metric: v1alpha1.MetricErrors, Bound: 0.01}
	passed := simulate.Share(t, name, 200, func(random *rand.Rand) bool {
		e, why := slo.share(burstyTrials(random, 0.001, 1))
		result, _ := slo.judge(e, why)
		return result == v1alpha1.VerdictPass
	})
	simulate.AtLeast(t, name, passed, 0.9, 200)
}
