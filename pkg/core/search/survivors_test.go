package search_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/search"
)

// These hold what mutation testing found that no other test did.

// A step is that of its first attempt with a result; a void one gives way.
func TestAStepIsItsFirstResult(t *testing.T) {
	slo := objective(t, "p99 < 20ms")
	at := v1alpha1.Address{Experiment: "e", Level: "l", Arm: "a"}
	attempt := func(status v1alpha1.TrialStatus, slow int) v1alpha1.Trial {
		x := judged(10_000, 10_000-slow, slow)
		x.Experiment, x.Level, x.Arm, x.Round, x.Status = "e", "l", "a", 1, status
		return x
	}
	void, fast := attempt(v1alpha1.TrialVoid, 0), attempt(v1alpha1.TrialCompleted, 0)
	slow := attempt(v1alpha1.TrialCompleted, 5000)
	for name, c := range map[string]struct {
		trials []v1alpha1.Trial
		want   search.Outcome
	}{
		"void, then a result": {[]v1alpha1.Trial{void, fast}, search.Holds},
		"two results":         {[]v1alpha1.Trial{slow, fast}, search.Fails},
		"a result, then void": {[]v1alpha1.Trial{fast, void}, search.Holds},
	} {
		if got := search.Records(c.trials, slo, at); len(got) != 1 || got[0].Outcome != c.want {
			t.Errorf("%s: %+v, want %v", name, got, c.want)
		}
	}
	if r := search.Judge(fast, slo); r.Achieved != 1000 {
		t.Errorf("10,000 requests in 10 s are %v/s", r.Achieved)
	}
}

// Void trials are counted apart, and their values are none.
func TestStepsCountWhatIsVoid(t *testing.T) {
	one, two := 1.0, 2.0
	s := search.Next(config(), []search.Record{{Outcome: search.Fails, Achieved: 1000},
		{Rate: 500, Outcome: search.Holds, Value: &one}, {Rate: 500, Outcome: search.Void, Value: &two},
		{Rate: 500, Outcome: search.Fails, Value: &two}, {Rate: 500, Outcome: search.Void}})
	if len(s.Steps) != 1 || s.Steps[0].Holds != 1 || s.Steps[0].Fails != 1 || s.Steps[0].Void != 2 ||
		!slices.Equal(s.Steps[0].Values, []float64{1, 2}) {
		t.Errorf("steps are %+v", s.Steps)
	}
}

// As many of one kind as of the other above the bracket are nobody's business.
func TestTiesAboveTheBracketAreLeft(t *testing.T) {
	c := config()
	c.Low, c.High, c.Resolution, c.Confirmations = 100, 400, 0.1, 1
	s := search.Next(c, []search.Record{{Rate: 100, Outcome: search.Holds}, {Rate: 105, Outcome: search.Fails},
		{Rate: 300, Outcome: search.Holds}, {Rate: 300, Outcome: search.Fails}})
	if !s.Done || !s.Conclusive {
		t.Errorf("a tie at 300, above what fails, goes on: %+v", s)
	}
}

func TestAnArmBelowTheLowestRateIsTold(t *testing.T) {
	c := config()
	c.Low = 2000
	s := search.Next(c, []search.Record{{Outcome: search.Fails, Achieved: 1000}})
	if !s.Done || !strings.Contains(s.Reason, "does 1000 requests/s at most") {
		t.Errorf("it ends with %q", s.Reason)
	}
}

// A confirmed bracket does not end a search while the limit's interval leaves the
// rates that were tried, unless nothing lies between it and what was asked for.
func TestASearchGoesOnUntilItsLimitHasTwoEnds(t *testing.T) {
	records := func(rate float64, margins ...float64) (all []search.Record) {
		for _, m := range margins {
			r := search.Record{Rate: rate, Outcome: search.Holds, Margin: &m}
			if m > 0 {
				r.Outcome = search.Fails
			}
			all = append(all, r)
		}
		return all
	}
	// Tails that vary by a third from trial to trial, and hardly depend on the rate.
	noisy := slices.Concat([]search.Record{{Outcome: search.Fails, Achieved: 1000}}, records(156.3, -0.35),
		records(1090, -0.1, 0.3, -0.2, 0.2, -0.1), records(1140, 0.1, -0.3, 0.2, -0.2, 0.1))
	if _, low, high := limitOf(t, noisy); low == nil || high != nil {
		t.Fatalf("the limit is %v to %v, want only its upper end open", low, high)
	}
	s := search.Next(config(), noisy)
	if s.Done || s.Conclusive || s.Next <= 1140 || s.Next > 1250 {
		t.Errorf("an open limit gives %+v, want a rate from 1140 to 1250", s)
	}
	for name, c := range map[string]search.Config{
		"no trial is left":    {Resolution: 0.05, Confirmations: 3, MaxTrials: len(noisy)},
		"the highest is here": {Resolution: 0.05, Confirmations: 3, MaxTrials: 40, High: 1140, Low: 156.3},
	} {
		if s := search.Next(c, noisy); !s.Done || !s.Conclusive {
			t.Errorf("where %s it goes on: %+v", name, s)
		}
	}
	low := slices.Concat(noisy[:1], records(1140, 0.1, 0.3, 0.2), records(1090, -0.1, -0.05, -0.1))
	if _, from, _ := limitOf(t, low); from != nil {
		t.Fatal("the limit's lower end is not open")
	}
	if s := search.Next(config(), low); s.Done || s.Next >= 1090 || s.Next < 1 {
		t.Errorf("a limit that is open below gives %+v", s)
	}
	bounded := config()
	bounded.Low = 1090
	if s := search.Next(bounded, low); s.Done || s.Next <= 1140 {
		t.Errorf("a limit that is open on both sides, and may not be looked for below, gives %+v", s)
	}
}

func limitOf(t *testing.T, done []search.Record) (value, low, high *float64) {
	t.Helper()
	limit, ok := search.Limit(done)
	if !ok {
		t.Fatal("there is no limit")
	}
	return limit.Interval()
}

// 99 of the 100 requests that are surely due are just enough.
func TestTheShareThatMustBeAnsweredIsEnough(t *testing.T) {
	for answered, want := range map[int]search.Outcome{99: search.Holds, 98: search.Fails} {
		x := judged(answered, answered, 0)
		rate := v1alpha1.Rate(101)
		x.Rate, x.Window.Seconds = &rate, 1
		if got := search.Judge(x, objective(t, "p50 < 20ms")).Outcome; got != want {
			t.Errorf("%d of 101 requests: %v, want %v", answered, got, want)
		}
	}
}

// Where rounding leaves no rate between the ends, none is tried again and again.
func TestNeighboursAreCloseEnough(t *testing.T) {
	for _, ends := range [][2]float64{{1000, 1001}, {1000.4, 1001}} {
		c := search.Config{Low: ends[0], High: ends[1], Resolution: 1e-5, Confirmations: 1, MaxTrials: 40}
		s := search.Next(c, []search.Record{{Rate: ends[0], Outcome: search.Holds}, {Rate: ends[1], Outcome: search.Fails}})
		if !s.Done || !s.Conclusive {
			t.Errorf("between %v and %v goes on with %v", ends[0], ends[1], s.Next)
		}
	}
}

// A closed loop without an answer is no rate to begin with.
func TestAClosedLoopWithoutAnswersIsTakenAgain(t *testing.T) {
	s := search.Next(config(), []search.Record{{Outcome: search.Fails}})
	if s.Done || s.Next != 0 || s.Probe != nil {
		t.Errorf("it goes on with %+v", s)
	}
}
