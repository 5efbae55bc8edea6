package search_test

import (
	"math"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/gate"
	"github.com/meshbench/kubectl-meshbench/pkg/core/search"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// judged is a trial of ten seconds in which so many requests were fast and so
// many slow, at a rate that asks for due of them.
func judged(due, fast, slow int) v1alpha1.Trial {
	h := stats.NewHistogram()
	h.RecordMany(time.Millisecond, int64(fast))
	h.RecordMany(time.Second, int64(slow))
	rate := v1alpha1.Rate(float64(due) / 10)
	return v1alpha1.Trial{Rate: &rate, Status: v1alpha1.TrialCompleted, Window: &v1alpha1.Window{Seconds: 10},
		Load: &v1alpha1.LoadResult{Requests: int64(fast + slow), ServiceTime: h.ToAPI(), ResponseTime: h.ToAPI()}}
}

func objective(t *testing.T, text string) gate.SLO {
	t.Helper()
	slo, err := gate.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return slo
}

// A rate holds only if 99 % of its requests were answered, give or take the one
// that may fall to either side of the window's end.
func TestARateThatIsNotReachedDoesNotHold(t *testing.T) {
	for _, c := range []struct {
		due, answered int
		want          search.Outcome
	}{
		{10_000, 10_000, search.Holds}, {10_000, 9900, search.Holds}, {10_000, 9899, search.Fails},
		{10_000, 9000, search.Fails}, {50, 49, search.Holds}, {50, 48, search.Fails},
	} {
		if got := search.Judge(judged(c.due, c.answered, 0), objective(t, "p50 < 20ms")).Outcome; got != c.want {
			t.Errorf("%d of %d answered: %v, want %v", c.answered, c.due, got, c.want)
		}
	}
}

// Each objective is judged by its own metric: the slow requests lie above the
// percentiles that they are too few to reach, and in the others.
func TestATrialIsJudgedByTheObjectivesMetric(t *testing.T) {
	for _, c := range []struct {
		slow        int
		holds, fail []string
	}{
		{2, []string{"p99.9", "p99", "mean", "min"}, []string{"p99.99", "max"}},
		{20, []string{"p99", "p95"}, []string{"p99.9", "p99.99", "max"}},
		{200, []string{"p95", "p90"}, []string{"p99", "p99.9", "mean"}},
		{700, []string{"p90", "p75"}, []string{"p95", "p99"}},
		{1500, []string{"p75", "p50"}, []string{"p90", "p95"}},
		{3000, []string{"p50", "min"}, []string{"p75", "p90"}},
	} {
		trial := judged(10_000, 10_000-c.slow, c.slow)
		for want, names := range map[search.Outcome][]string{search.Holds: c.holds, search.Fails: c.fail} {
			for _, name := range names {
				if got := search.Judge(trial, objective(t, name+" < 20ms")); got.Outcome != want || got.Value == nil {
					t.Errorf("%d of 10,000 slow: %s gives %v, want %v", c.slow, name, got.Outcome, want)
				}
			}
		}
	}
}

func TestTrialsWithoutAResultSayNothing(t *testing.T) {
	slo := objective(t, "p99 < 20ms")
	for name, edit := range map[string]func(*v1alpha1.Trial){
		"void":            func(x *v1alpha1.Trial) { x.Status = v1alpha1.TrialVoid },
		"without load":    func(x *v1alpha1.Trial) { x.Load = nil },
		"without window":  func(x *v1alpha1.Trial) { x.Window = nil },
		"of no length":    func(x *v1alpha1.Trial) { x.Window.Seconds = 0 },
		"that is damaged": func(x *v1alpha1.Trial) { x.Load.ResponseTime.Data = "!" },
		"that is empty":   func(x *v1alpha1.Trial) { x.Load.ResponseTime = stats.NewHistogram().ToAPI() },
	} {
		trial := judged(10_000, 10_000, 0)
		edit(&trial)
		if got := search.Judge(trial, slo); got.Outcome != search.Void || got.Value != nil {
			t.Errorf("a trial %s gives %v", name, got.Outcome)
		}
	}
	silent := judged(10_000, 0, 0)
	silent.Load.ServiceTime, silent.Load.ResponseTime = nil, nil
	if got := search.Judge(silent, slo); got.Outcome != search.Fails {
		t.Errorf("a rate at which nothing is answered gives %v", got.Outcome)
	}
	loop := judged(0, 0, 0)
	if got := search.Judge(loop, slo); got.Outcome != search.Void {
		t.Errorf("a closed loop without answers gives %v", got.Outcome)
	}
}

// Without an upper bound a search goes a quarter beyond what a closed loop
// reached, which varies as all trials do, and begins with an eighth of that.
func TestASearchLooksBeyondItsClosedLoop(t *testing.T) {
	always := func(float64) search.Outcome { return search.Holds }
	s, done := drive(t, config(), 1000, always)
	if s.HoldsAt == nil || *s.HoldsAt != 1250 {
		t.Errorf("what always holds is found to hold at %v, want 1.25 x the closed loop", s.HoldsAt)
	}
	if done[1].Rate != 156.3 {
		t.Errorf("the first rate is %v, want an eighth of the highest", done[1].Rate)
	}
	low := config()
	low.Low = 1249
	if s := search.Next(low, done[:1]); s.Done {
		t.Errorf("a lowest rate just below the highest ends the search: %s", s.Reason)
	}
	low.Low = 1250
	if s := search.Next(low, done[:1]); !s.Done || s.Reason == "" {
		t.Error("a lowest rate that is the highest begins a search")
	}
}

// The outcome that comes up three times first decides an end, whatever came
// before; as many of one kind as of the other decide nothing.
func TestVotesDecide(t *testing.T) {
	c := config()
	c.Low, c.High, c.Resolution = 100, 110, 0.2
	record := func(rate float64, outcomes string) (all []search.Record) {
		for _, o := range outcomes {
			all = append(all, search.Record{Rate: rate, Outcome: map[rune]search.Outcome{'h': search.Holds, 'f': search.Fails,
				'v': search.Void}[o]})
		}
		return all
	}
	for _, x := range []struct {
		low, high string
		done      bool
		next      float64
	}{
		{"hhh", "fff", true, 0}, {"hhfh", "fff", true, 0}, {"hhffh", "hffhf", true, 0},
		{"hh", "fff", false, 100}, {"hhh", "ff", false, 110}, {"hh", "ff", false, 100}, {"hhf", "ff", false, 110},
		{"hf", "fff", false, 100}, {"hhvh", "fffv", true, 0}, {"hhv", "fff", false, 100},
	} {
		s := search.Next(c, append(record(100, x.low), record(110, x.high)...))
		if s.Done != x.done || s.Conclusive != x.done || !x.done && s.Next != x.next {
			t.Errorf("%s at 100 and %s at 110: done %v, conclusive %v, next %v; want %v, next %v", x.low, x.high, s.Done,
				s.Conclusive, s.Next, x.done, x.next)
		}
	}
}

// The margin is how far a latency is from its bound; nothing where another reason, or
// another metric, decided.
func TestTheMarginIsOfTheLatencyThatDecided(t *testing.T) {
	for _, c := range []struct {
		trial v1alpha1.Trial
		slo   string
		want  float64 // 0: none
	}{
		{judged(10_000, 10_000, 0), "p99 < 20ms", math.Log(1.0 / 20)},
		{judged(10_000, 0, 10_000), "p99 < 20ms", math.Log(1000.0 / 20)},
		{judged(10_000, 9000, 0), "p99 < 20ms", 0}, // fast, but the rate was not reached
		{judged(10_000, 10_000, 0), "errors < 1%", 0},
		{judged(10_000, 10_000, 0), "p99 > 0.5ms", 0},
	} {
		got := search.Judge(c.trial, objective(t, c.slo)).Margin
		if (got != nil) != (c.want != 0) || got != nil && math.Abs(*got-c.want) > 0.01 {
			t.Errorf("%s: margin is %v, want %v", c.slo, got, c.want)
		}
	}
}

func TestTrialsWithoutARateAreNotInTheLimit(t *testing.T) {
	done := []search.Record{{Outcome: search.Fails, Achieved: 1000}, {Rate: 500, Outcome: search.Void}}
	if _, ok := search.Limit(done); ok {
		t.Error("a closed loop and a void trial give a limit")
	}
	for rate, o := range map[float64]search.Outcome{100: search.Holds, 400: search.Holds, 420: search.Fails,
		800: search.Fails} {
		for range 3 {
			done = append(done, search.Record{Rate: rate, Outcome: o})
		}
	}
	limit, ok := search.Limit(done)
	if m := limit.Quantile(0.5); !ok || m < 395 || m > 425 {
		t.Errorf("limit is %v, want one between 400 and 420", m)
	}
}

func TestSplitVotesAtAnEndAreTold(t *testing.T) {
	holds, fails := 100.0, 110.0
	state := func(steps ...search.Step) search.State {
		return search.State{HoldsAt: &holds, FailsAt: &fails, Steps: steps}
	}
	for _, c := range []struct {
		holds, fails int
		split        bool
	}{{3, 2, true}, {2, 3, true}, {2, 1, false}, {3, 1, false}, {3, 0, false}, {5, 3, true}} {
		for _, rate := range []float64{holds, fails} {
			got := state(search.Step{Rate: rate, Holds: c.holds, Fails: c.fails}).SplitVotes()
			if (len(got) == 1) != c.split {
				t.Errorf("%d to %d at an end: %v", c.holds, c.fails, got)
			}
		}
	}
	if got := state(search.Step{Rate: 105, Holds: 3, Fails: 2}).SplitVotes(); len(got) > 0 {
		t.Errorf("a vote within the bracket is told: %v", got)
	}
}
