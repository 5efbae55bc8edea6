package loadgen

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

const (
	// guardSeconds is the time that shares and p99 are of, graceSeconds what is not
	// judged by them at the beginning.
	guardSeconds = 5
	graceSeconds = 3
	// leastFailures is how many requests must have failed: one of three says little.
	leastFailures = 3
	// leastSamples is how many answers a p99 takes.
	leastSamples = 20
	// leastP99 stops nothing: below it a factor is noise of a fast service.
	leastP99 = 250 * time.Millisecond
	// leastQuiet is how long nothing may end, quietIntervals how many times the pause
	// between two requests.
	leastQuiet     = guardSeconds * time.Second
	quietIntervals = 3
)

// StopError says that load ended itself.
type StopError struct{ Stop v1alpha1.SafetyStop }

func (e *StopError) Error() string {
	s := e.Stop
	counts := fmt.Sprintf("%.1f s after the first request, with %d requests ended and %d of them failed", s.AfterSeconds,
		s.Requests, s.Errors)
	if s.Detail != "" {
		counts += " (mostly " + s.Detail + ")"
	}
	switch s.Rule {
	case v1alpha1.StopErrors:
		return fmt.Sprintf("load stopped itself: %.3g %% of requests failed over %.3g s, and at most %.3g %% may: %s",
			100*s.Value, s.OverSeconds, 100*s.Limit, counts)
	case v1alpha1.StopP99:
		return fmt.Sprintf("load stopped itself: the p99 was %.4g ms over %.3g s, and may be %.4g ms at most, by how it "+
			"began: %s", 1e3*s.Value, s.OverSeconds, 1e3*s.Limit, counts)
	default:
		return fmt.Sprintf("load stopped itself: nothing was answered for %.3g s: %s", s.Value, counts)
	}
}

// guard judges, while load runs on a Service of the user's, whether it may go on. It
// asks nobody: an API server that is away stops no load.
type guard struct {
	rules v1alpha1.StopRules
	begun time.Time
	// step is the length of one step of the ramp.
	step time.Duration
	// interval is the pause between two of this worker's requests, 0 in a closed loop.
	interval time.Duration

	mu      sync.Mutex
	seconds [guardSeconds + 2]second // by second since begun, in turns
	ramp    []tally
	// beginning is how long answers took in the first half of the ramp.
	beginning *stats.Histogram
	all       tally
	last      time.Time
	kinds     map[kind]int64
}

type tally struct{ requests, errors int64 }

func (t *tally) add(failed bool) {
	t.requests++
	if failed {
		t.errors++
	}
}

type second struct {
	number int64
	tally
	took *stats.Histogram
}

// newGuard is nil for load on a target of the run.
func newGuard(s wire.LoadSpec, begun time.Time) *guard {
	if s.Service == nil {
		return nil
	}
	g := &guard{rules: s.Service.Stop, begun: begun, step: s.Warmup.Duration / time.Duration(len(wire.RampShares())),
		ramp: make([]tally, len(wire.RampShares())), beginning: stats.NewHistogram(), last: begun,
		kinds: map[kind]int64{}}
	if !s.Rate.ClosedLoop() {
		g.interval = time.Duration(float64(s.Clients) / float64(s.Rate) * float64(time.Second))
	}
	for i := range g.seconds {
		g.seconds[i] = second{number: -1, took: stats.NewHistogram()}
	}
	return g
}

// note takes in a request that has ended.
func (g *guard) note(ended time.Time, took time.Duration, failed *failure) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if ended.After(g.last) {
		g.last = ended
	}
	g.all.add(failed != nil)
	at := ended.Sub(g.begun)
	x := g.second(int64(at / time.Second))
	x.add(failed != nil)
	x.took.Record(took)
	step := int(at / g.step)
	if step >= 0 && step < len(g.ramp) {
		g.ramp[step].add(failed != nil)
	}
	if failed == nil && (step < len(g.ramp)/2 || g.beginning.Count() < leastSamples) {
		g.beginning.Record(took)
	}
	if failed != nil && len(g.kinds) < maxKinds {
		g.kinds[failed.kind()]++
	}
}

func (g *guard) second(number int64) *second {
	number = max(number, 0)
	x := &g.seconds[number%int64(len(g.seconds))]
	if x.number != number {
		x.number, x.tally = number, tally{}
		x.took.Reset()
	}
	return x
}

// judge says whether load must end, at the beginning of a second since begun.
func (g *guard) judge(now time.Time) *v1alpha1.SafetyStop {
	g.mu.Lock()
	defer g.mu.Unlock()
	since := now.Sub(g.begun)
	if s := g.quiet(now, since); s != nil {
		return g.told(s, since)
	}
	// A step of the ramp that has just ended decides about the next.
	if step := int(since/g.step) - 1; step >= 0 && step < len(g.ramp) {
		if s := g.share(g.ramp[step], g.step); s != nil {
			return g.told(s, since)
		}
	}
	number := int64(since / time.Second)
	if number < guardSeconds+graceSeconds {
		return nil
	}
	var sum tally
	took := stats.NewHistogram()
	for _, x := range g.seconds {
		if x.number >= number-guardSeconds && x.number < number {
			sum.requests, sum.errors = sum.requests+x.requests, sum.errors+x.errors
			_ = took.Merge(x.took) // all have one resolution
		}
	}
	if s := g.share(sum, guardSeconds*time.Second); s != nil {
		return g.told(s, since)
	}
	return g.told(g.slow(took), since)
}

func (g *guard) quiet(now time.Time, since time.Duration) *v1alpha1.SafetyStop {
	interval := g.interval
	if since < 2*g.step { // the first step has a tenth of the rate, and its end is late
		interval = time.Duration(float64(interval) / wire.RampShares()[0])
	}
	limit := max(leastQuiet, quietIntervals*interval)
	if rest := now.Sub(g.last); rest > limit {
		return &v1alpha1.SafetyStop{Rule: v1alpha1.StopNoData, Value: rest.Seconds(), Limit: limit.Seconds(),
			OverSeconds: rest.Seconds()}
	}
	return nil
}

func (g *guard) share(t tally, over time.Duration) *v1alpha1.SafetyStop {
	share := float64(t.errors) / math.Max(float64(t.requests), 1)
	if t.errors < leastFailures || share <= g.rules.ErrorRatio {
		return nil
	}
	return &v1alpha1.SafetyStop{Rule: v1alpha1.StopErrors, Value: share, Limit: g.rules.ErrorRatio,
		OverSeconds: over.Seconds()}
}

func (g *guard) slow(took *stats.Histogram) *v1alpha1.SafetyStop {
	if took.Count() < leastSamples || g.beginning.Count() < leastSamples {
		return nil
	}
	limit := time.Duration(g.rules.P99Factor * float64(g.beginning.Quantile(0.99)))
	limit = max(limit, leastP99)
	p99 := took.Quantile(0.99)
	if p99 <= limit {
		return nil
	}
	return &v1alpha1.SafetyStop{Rule: v1alpha1.StopP99, Value: p99.Seconds(), Limit: limit.Seconds(),
		OverSeconds: guardSeconds}
}

// told fills in what all stops say; nil stays nil.
func (g *guard) told(s *v1alpha1.SafetyStop, since time.Duration) *v1alpha1.SafetyStop {
	if s == nil {
		return nil
	}
	s.AfterSeconds, s.Requests, s.Errors = since.Seconds(), g.all.requests, g.all.errors
	var most int64
	for k, n := range g.kinds {
		text := string(k.class)
		if k.detail != "" {
			text += " " + k.detail
		}
		if n > most || n == most && cmp.Compare(text, s.Detail) < 0 {
			most, s.Detail = n, text
		}
	}
	return s
}

// watch judges each second until the end of the window, and ends the load by stop.
func (g *guard) watch(ctx context.Context, end time.Time, stop func(error)) {
	if g == nil {
		return
	}
	for n := 1; ; n++ {
		at := g.begun.Add(time.Duration(n) * time.Second)
		if at.After(end) {
			return
		}
		wait := time.NewTimer(time.Until(at))
		select {
		case <-ctx.Done():
			wait.Stop()
			return
		case <-wait.C:
		}
		if s := g.judge(time.Now()); s != nil {
			stop(&StopError{Stop: *s})
			return
		}
	}
}
