package loadgen

import (
	"math"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// load is what happens each second: so many requests that take so long, of which some
// fail.
type load struct {
	requests, errors int
	took             time.Duration
}

func guarded(rate v1alpha1.Rate) (wire.LoadSpec, time.Time) {
	s := wire.LoadSpec{Rate: rate, Clients: 1, Connections: 8,
		Warmup: v1alpha1.Duration{Duration: 8 * time.Second}, Window: v1alpha1.Duration{Duration: time.Minute},
		Service: &wire.ServiceCall{Stop: v1alpha1.StopRules{ErrorRatio: 0.05, P99Factor: 10}}}
	return s, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
}

// playing feeds a guard, and returns when it stopped load, in seconds, and why.
func playing(rate v1alpha1.Rate, seconds int, in func(second int) load) (int, *v1alpha1.SafetyStop) {
	s, begun := guarded(rate)
	g := newGuard(s, begun)
	for n := range seconds {
		l := in(n)
		for i := range l.requests {
			var failed *failure
			if i < l.errors {
				failed = &failure{class: v1alpha1.ErrorStatus, detail: "503"}
			}
			g.note(begun.Add(time.Duration(n)*time.Second+time.Duration(i+1)*time.Second/time.Duration(l.requests+1)),
				l.took, failed)
		}
		if stop := g.judge(begun.Add(time.Duration(n+1) * time.Second)); stop != nil {
			return n + 1, stop
		}
	}
	return 0, nil
}

func TestLoadStopsItself(t *testing.T) {
	const ms = time.Millisecond
	always := func(l load) func(int) load { return func(int) load { return l } }
	from := func(second int, before, after load) func(int) load {
		return func(n int) load {
			if n < second {
				return before
			}
			return after
		}
	}
	good := load{100, 0, 5 * ms}
	for name, c := range map[string]struct {
		in    func(int) load
		rule  v1alpha1.StopRule
		after int
		limit float64
	}{
		"a good service":          {in: always(good)},
		"few errors":              {in: always(load{100, 5, 5 * ms})},
		"all fail from the start": {in: always(load{10, 10, ms}), rule: v1alpha1.StopErrors, after: 2, limit: 0.05},
		"too many errors later": {in: from(20, good, load{100, 30, 5 * ms}), rule: v1alpha1.StopErrors, after: 21,
			limit: 0.05},
		"one in twelve for long": {in: from(20, good, load{100, 8, 5 * ms}), rule: v1alpha1.StopErrors, after: 24,
			limit: 0.05},
		"a blip of a second": {in: func(n int) load {
			return map[bool]load{true: {100, 20, 5 * ms},
				false: good}[n == 20]
		}},
		"two failures, and few":  {in: always(load{1, 0, ms})},
		"slower, and still fast": {in: from(20, good, load{100, 0, 240 * ms})},
		"a hundred times slower": {in: from(20, good, load{100, 0, 500 * ms}), rule: v1alpha1.StopP99, after: 21,
			limit: 0.25},
		"nothing answers any more": {in: from(20, good, load{}), rule: v1alpha1.StopNoData, after: 25, limit: 5},
		"nothing ever answered":    {in: always(load{}), rule: v1alpha1.StopNoData, after: 6, limit: 5},
	} {
		after, stop := playing(100, 40, c.in)
		switch {
		case c.rule == "" && stop != nil:
			t.Errorf("%s: stopped after %d s: %+v", name, after, stop)
		case c.rule != "" && stop == nil:
			t.Errorf("%s: not stopped", name)
		case stop != nil && (stop.Rule != c.rule || after != c.after || math.Abs(stop.Limit-c.limit) > 1e-9):
			t.Errorf("%s: stopped after %d s by %+v, want %s after %d s with limit %v", name, after, stop, c.rule, c.after,
				c.limit)
		case stop != nil && ((&StopError{Stop: *stop}).Error() == "" || stop.Value <= stop.Limit || stop.AfterSeconds == 0):
			t.Errorf("%s: says too little: %+v", name, stop)
		}
	}
}

// At one request in two seconds nothing ends for a while, and that is no silence.
func TestALowRateIsNoSilence(t *testing.T) {
	every := func(n int) load {
		if n%2 == 0 {
			return load{}
		}
		return load{1, 0, time.Millisecond}
	}
	if after, stop := playing(0.5, 60, every); stop != nil {
		t.Errorf("stopped after %d s: %+v", after, stop)
	}
}

func TestTheRampHasItsShares(t *testing.T) {
	s, begun := guarded(100)
	r := rampOf(s, begun)
	plan := scheduleOf(s, begun)
	var sent [5]int
	for c := range s.Connections {
		for k := int64(0); ; k++ {
			due := plan.due(1, c, k)
			if due.Sub(begun) >= 10*time.Second {
				break
			}
			if r.admits(due, plan.number(1, c, k)) {
				sent[due.Sub(begun)/(2*time.Second)]++
			}
		}
	}
	if want := [5]int{20, 50, 100, 200, 200}; sent != want {
		t.Errorf("the steps of two seconds have %v requests, want %v", sent, want)
	}
	joined := map[time.Duration]int{}
	for c := range 40 {
		joined[r.joins(c, 40).Sub(begun)]++
	}
	if joined[0] != 4 || joined[2*time.Second] != 6 || joined[4*time.Second] != 10 || joined[6*time.Second] != 20 {
		t.Errorf("connections join at %v", joined)
	}
	if none := rampOf(wire.LoadSpec{}, begun); !none.admits(begun, 3) || none.joins(39, 40).After(begun) {
		t.Error("load on a target of the run is held back")
	}
}
