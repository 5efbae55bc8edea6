package search_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/core/search"
	"github.com/meshbench/kubectl-meshbench/test/simulate"
)

// queue is an arm whose latency grows as that of a single queue does, 1 / (1 - load),
// and breaks the objective at a limit that is atLimit of what it can do at all.
// Trials vary by the noise, a standard deviation of logarithms.
type queue struct{ limit, atLimit, noise float64 }

func (q queue) trial(rate float64, random *rand.Rand) search.Record {
	r := search.Record{Rate: rate, Outcome: search.Fails}
	load := rate / q.limit * q.atLimit
	if rate == 0 {
		r.Achieved = q.limit / q.atLimit * math.Exp(0.05*random.NormFloat64())
		return r
	}
	if load >= 1 { // it does not reach the rate, whatever is measured
		return r
	}
	margin := math.Log((1-q.atLimit)/(1-load)) + q.noise*random.NormFloat64()
	if r.Margin = &margin; margin < 0 {
		r.Outcome = search.Holds
	}
	return r
}

// step is an arm that keeps the objective by far up to its limit, and then breaks it
// by far. The limit moves from trial to trial by the noise.
type step struct{ limit, noise float64 }

func (s step) trial(rate float64, random *rand.Rand) search.Record {
	margin := 3.0
	if rate == 0 {
		return search.Record{Outcome: search.Fails, Achieved: s.limit * 1.02}
	}
	if rate <= s.limit*math.Exp(s.noise*random.NormFloat64()) {
		margin = -2
		return search.Record{Rate: rate, Outcome: search.Holds, Margin: &margin}
	}
	return search.Record{Rate: rate, Outcome: search.Fails, Margin: &margin}
}

type system interface {
	trial(rate float64, random *rand.Rand) search.Record
}

func searched(s system, random *rand.Rand) (search.State, []search.Record) {
	var done []search.Record
	for {
		state := search.Next(config(), done)
		if state.Done {
			return state, done
		}
		done = append(done, s.trial(state.Next, random))
	}
}

// The interval holds the limit in 93 to 97 % of searches, also where the tail varies
// by 30 % from trial to trial; a bracket does in a fraction of them.
func TestSimulatedLimitsAreInTheirIntervals(t *testing.T) {
	const runs = 40
	held, all := 0.0, 0.0
	for _, c := range []struct {
		name string
		of   func(limit float64) system
		// bracket is the most searches whose bracket holds the limit.
		bracket float64
	}{
		{"30 % noise, limit at 90 % of a queue", func(l float64) system { return queue{l, 0.9, 0.3} }, 0.7},
		{"30 % noise, limit at 70 %", func(l float64) system { return queue{l, 0.7, 0.3} }, 0.4},
		{"30 % noise, limit at 50 %", func(l float64) system { return queue{l, 0.5, 0.3} }, 0.3},
		{"10 % noise, limit at 80 %", func(l float64) system { return queue{l, 0.8, 0.1} }, 0.9},
		{"3 % noise, limit at 80 %", func(l float64) system { return queue{l, 0.8, 0.03} }, 1},
		{"a step", func(l float64) system { return step{l, 0} }, 1},
		{"a step that moves by 5 %", func(l float64) system { return step{l, 0.05} }, 0.7},
	} {
		width, closed, brackets, trials := 0.0, 0, 0, 0
		share := simulate.Share(t, c.name, runs, func(random *rand.Rand) bool {
			limit := 400 * math.Exp(random.Float64())
			state, done := searched(c.of(limit), random)
			trials += len(done)
			if state.HoldsAt != nil && state.FailsAt != nil && *state.HoldsAt <= limit && *state.FailsAt >= limit {
				brackets++
			}
			found, ok := search.Limit(done)
			if !ok {
				t.Fatal("there is no limit")
			}
			_, low, high := found.Interval()
			if low != nil && high != nil {
				width += math.Log(*high / *low)
				closed++
			}
			return (low == nil || *low <= limit) && (high == nil || *high >= limit)
		})
		n := float64(simulate.Runs(t, runs))
		held, all = held+share*n, all+n
		t.Logf("  %.0f %% have two ends, %.1f %% apart in the mean, after %.1f trials; "+
			"%.0f %% of the brackets hold the limit",
			100*float64(closed)/n, 100*math.Expm1(width/float64(closed)), float64(trials)/n, 100*float64(brackets)/n)
		simulate.AtLeast(t, c.name+": two ends", float64(closed)/n, 0.97, runs)
		simulate.AtLeast(t, c.name, share, 0.93, runs)
		simulate.AtMost(t, c.name+": bracket", float64(brackets)/n, c.bracket, runs)
	}
	total := held / all
	t.Logf("together: %.1f %% of %.0f", 100*total, all)
	if noise := 3 * math.Sqrt(0.95*0.05/all); total < 0.93-noise || total > 0.97+noise {
		t.Errorf("%.1f %% of the intervals hold the limit, want 93 to 97 %%", 100*total)
	}
}
