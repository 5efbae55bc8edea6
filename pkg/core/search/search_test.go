package search_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/core/search"
)

func config() search.Config {
	return search.Config{Resolution: 0.05, Confirmations: 3, MaxTrials: 40}
}

// drive runs a search against a system that says whether a rate holds.
func drive(t *testing.T, c search.Config, capacity float64, holds func(rate float64) search.Outcome) (search.State,
	[]search.Record) {
	t.Helper()
	var done []search.Record
	for {
		s := search.Next(c, done)
		if s.Done {
			return s, done
		}
		if len(done) > c.MaxTrials {
			t.Fatalf("goes on after %d trials", len(done))
		}
		if s.Next == 0 {
			done = append(done, search.Record{Outcome: search.Fails, Achieved: capacity})
			continue
		}
		if s.Next < 0 || math.IsNaN(s.Next) || math.IsInf(s.Next, 0) {
			t.Fatalf("tries a rate of %v", s.Next)
		}
		done = append(done, search.Record{Rate: s.Next, Outcome: holds(s.Next)})
	}
}

func below(limit float64) func(float64) search.Outcome {
	return func(rate float64) search.Outcome {
		if rate <= limit {
			return search.Holds
		}
		return search.Fails
	}
}

// Where the system is exact, so is the answer, for any limit.
func TestTheBracketHoldsTheLimit(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range runsOf(2000) {
		capacity := math.Exp(random.Float64()*9 + 2)
		limit := capacity * (0.01 + 0.99*random.Float64())
		c := config()
		c.Resolution = []float64{0.01, 0.05, 0.2}[random.IntN(3)]
		s, done := drive(t, c, capacity, below(limit))
		if !s.Conclusive || *s.HoldsAt > limit || *s.FailsAt <= limit {
			t.Fatalf("limit %v of %v: %+v", limit, capacity, s)
		}
		if *s.FailsAt > *s.HoldsAt*(1+c.Resolution)*1.0001 {
			t.Fatalf("limit %v: ends %v and %v are farther apart than %v", limit, *s.HoldsAt, *s.FailsAt, c.Resolution)
		}
		if len(s.Violations()) > 0 || len(done) > 25 {
			t.Fatalf("limit %v took %d trials, violations %v", limit, len(done), s.Violations())
		}
	}
}

// runsOf is fewer with -short, under which each mutant is tested.
func runsOf(n int) int {
	if testing.Short() {
		return n / 10
	}
	return n
}

// With noise near the limit the answer is near the limit, nearly always.
func TestNoiseIsOutvoted(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	runs := runsOf(1000)
	off, undecided := 0, 0
	for range runs {
		const limit = 400.0
		s, _ := drive(t, config(), 600, func(rate float64) search.Outcome {
			// Holds with a probability that falls from 1 to 0 around the limit, and
			// one trial in fifty is disturbed by something else.
			p := 1 / (1 + math.Exp((math.Log(rate/limit))/0.01))
			if random.Float64() < 0.02 {
				p = 0
			}
			if random.Float64() < p {
				return search.Holds
			}
			return search.Fails
		})
		switch {
		case !s.Conclusive:
			undecided++
		case *s.HoldsAt > limit*1.05 || *s.FailsAt < limit*0.95:
			off++
		}
	}
	if off > runs/50 || undecided > runs/50 {
		t.Errorf("of %d searches %d are off by more than 5 %% and %d undecided", runs, off, undecided)
	}
}

// A search that was cut off anywhere goes on as if nothing had happened.
func TestTheStateIsInTheTrials(t *testing.T) {
	whole, done := drive(t, config(), 900, below(321))
	for cut := range done {
		s := search.Next(config(), done[:cut])
		if s.Done || s.Next != done[cut].Rate {
			t.Errorf("after %d trials it goes on with %v, %v; went on with %v", cut, s.Next, s.Done, done[cut].Rate)
		}
	}
	if again := search.Next(config(), slices.Clone(done)); *again.HoldsAt != *whole.HoldsAt ||
		*again.FailsAt != *whole.FailsAt {
		t.Errorf("%+v is not %+v", again, whole)
	}
}

func TestSearchesThatCannotConclude(t *testing.T) {
	bounded := config()
	bounded.Low, bounded.High = 100, 1000
	s, _ := drive(t, bounded, 0, below(5000))
	if s.Conclusive || s.HoldsAt == nil || *s.HoldsAt != 1000 || s.FailsAt != nil || s.Reason == "" {
		t.Errorf("what always holds gives %+v", s)
	}
	s, done := drive(t, bounded, 0, below(50))
	if s.Conclusive || s.HoldsAt != nil || s.FailsAt == nil || *s.FailsAt != 100 || s.Reason == "" {
		t.Errorf("what never holds gives %+v", s)
	}
	for _, r := range done {
		if r.Rate < 100 {
			t.Errorf("a rate of %v is tried, below the lowest", r.Rate)
		}
	}
	s, _ = drive(t, config(), 1000, below(0))
	if s.Conclusive || s.HoldsAt != nil || s.Reason == "" {
		t.Errorf("what never holds gives %+v", s)
	}
	s, done = drive(t, config(), 1000, func(float64) search.Outcome { return search.Void })
	if s.Conclusive || s.Reason == "" || len(done) > 5 {
		t.Errorf("void trials give %+v after %d trials", s, len(done))
	}
	random := rand.New(rand.NewPCG(3, 3))
	few := config()
	few.MaxTrials = 6
	s, done = drive(t, few, 1000, func(float64) search.Outcome { return search.Outcome(1 + random.IntN(2)) })
	if len(done) != 6 || s.Conclusive {
		t.Errorf("6 trials at most give %+v after %d", s, len(done))
	}
}

func TestTrialsThatContradictTheBracketAreSaid(t *testing.T) {
	holds, fails := 20.0, 21.0
	s := search.State{HoldsAt: &holds, FailsAt: &fails, Steps: []search.Step{
		{Rate: 10, Holds: 2, Fails: 1}, {Rate: 15, Holds: 1}, {Rate: 20, Holds: 3, Fails: 2}, {Rate: 21, Holds: 1, Fails: 3},
		{Rate: 30, Holds: 1, Fails: 2}, {Rate: 40, Fails: 1},
	}}
	if got := s.Violations(); !slices.Equal(got, []float64{10, 30}) {
		t.Errorf("violations are %v, want 10 and 30", got)
	}
}

func FuzzNext(f *testing.F) {
	f.Add(uint64(1), 100.0, 0.0, 0.05, byte(3), []byte{1, 2, 1})
	f.Fuzz(func(t *testing.T, seed uint64, low, high, resolution float64, confirmations byte, outcomes []byte) {
		if !(low >= 0 && low < 1e7 && high >= 0 && high < 1e7 && resolution >= 0.005 && resolution <= 1) {
			t.Skip()
		}
		c := search.Config{Low: low, High: high, Resolution: resolution, Confirmations: 1 + int(confirmations%20),
			MaxTrials: 60}
		i := 0
		drive(t, c, float64(seed%1_000_000), func(float64) search.Outcome {
			i++
			if i > len(outcomes) {
				return search.Fails
			}
			return search.Outcome(outcomes[i-1] % 3)
		})
	})
}
