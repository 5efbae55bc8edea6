package stats

import (
	"math"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// frozen is a target that answers 200 requests/s for 8 s of a window of 10 s and
// then no more: 1,604 are answered, 396 were due and never sent.
func frozen() *v1alpha1.LoadResult {
	answered, censored := NewHistogram(), NewHistogram()
	for i := range 1604 {
		answered.Record(time.Duration(1000+i%20) * time.Microsecond)
	}
	for i := range 396 {
		censored.Record(time.Duration(i+1) * 5 * time.Millisecond)
	}
	return &v1alpha1.LoadResult{Requests: 1604, Unsent: 396, ResponseTime: answered.ToAPI(), Censored: censored.ToAPI()}
}

func TestAPercentileAmongUnsentRequestsIsALowerBound(t *testing.T) {
	w, err := WaitsOf(frozen())
	if err != nil {
		t.Fatal(err)
	}
	if d, atLeast := w.Quantile(0.99); !atLeast || math.Abs(d.Seconds()-1.88) > 0.01 || w.Count() != 2000 {
		t.Errorf("p99 of %d requests is %s (at least: %v), want at least 1.88 s", w.Count(), d, atLeast)
	}
	if d, atLeast := w.Quantile(0.5); atLeast || d > 2*time.Millisecond {
		t.Errorf("p50 is %s (at least: %v), want that of the answered requests", d, atLeast)
	}
	old := frozen()
	old.Censored = nil // a report that kept no lower bounds
	if w, _ = WaitsOf(old); w.Count() != 2000 {
		t.Errorf("%d requests", w.Count())
	}
	if d, atLeast := w.Quantile(0.99); !atLeast || d > 2*time.Millisecond {
		t.Errorf("p99 is %s (at least: %v), want at least what is known", d, atLeast)
	}
}

// With everything answered it is the histogram's own quantile.
func TestWithoutMissingRequestsQuantilesAreTheHistograms(t *testing.T) {
	w := NewWaits()
	for i := range 1000 {
		w.Answered.Record(time.Duration(i+1) * time.Millisecond)
	}
	for _, q := range []float64{0.001, 0.5, 0.9, 0.99, 0.999} {
		if d, atLeast := w.Quantile(q); atLeast || d != w.Answered.Quantile(q) {
			t.Errorf("%v: %s, at least %v", q, d, atLeast)
		}
	}
	w.Unseen = 5 // failed at once
	if d, atLeast := w.Quantile(0.99); atLeast || d < w.Answered.Quantile(0.994) {
		t.Errorf("p99 is %s (at least: %v), want as if the failed ones were the slowest", d, atLeast)
	}
	w.Answered.RecordMany(2*MaxRecordable, 20)
	if d, atLeast := w.Quantile(0.99); !atLeast || d != MaxRecordable {
		t.Errorf("p99 is %s (at least: %v), want at least a minute", d, atLeast)
	}
}

// A mean is one up to one request in a hundred without an answer, and a lower bound
// from there on or where an answer was too late to be told apart from later ones.
func TestAMeanOfTooFewAnswersIsALowerBound(t *testing.T) {
	of := func(answered, unseen int64, late bool) *Waits {
		w := NewWaits()
		for range answered {
			w.Answered.Record(time.Millisecond)
		}
		if late {
			w.Answered.Record(2 * MaxRecordable)
		}
		w.Unseen = unseen
		return w
	}
	for name, c := range map[string]struct {
		w    *Waits
		want bool
	}{
		"all": {of(100, 0, false), false}, "one in a hundred": {of(99, 1, false), false},
		"two": {of(98, 2, false), true}, "one too late": {of(99, 0, true), true},
	} {
		if d, atLeast := c.w.Mean(); atLeast != c.want || !c.want && math.Abs(d.Seconds()-1e-3) > 1e-6 {
			t.Errorf("%s: %s, at least: %v", name, d, atLeast)
		}
	}
}

// A trial that says it had answers and has no histogram is an error; one without
// answers needs none.
func TestATrialWithoutItsHistogramIsNone(t *testing.T) {
	if w, err := WaitsOf(&v1alpha1.LoadResult{Unsent: 3}); err != nil || w.Count() != 3 {
		t.Errorf("%+v, %v, want three unsent requests", w, err)
	}
	if w, err := WaitsOf(&v1alpha1.LoadResult{Requests: 1}); err == nil {
		t.Errorf("a request without a histogram makes %+v", w)
	}
}
