package disturb_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/disturb"
)

// second is one with a p99 in milliseconds, 0 for none, and so many errors in 100.
func second(i int, p99 float64, errors int64) v1alpha1.Second {
	s := v1alpha1.Second{OffsetSeconds: i, Requests: 100 - errors, Errors: errors}
	if p99 > 0 {
		v := p99 / 1e3
		s.P99Seconds = &v
	}
	return s
}

func TestRecovery(t *testing.T) {
	never := math.NaN()
	for name, c := range map[string]struct {
		p99    []float64
		errors map[int]int64
		at     time.Duration
		want   float64
	}{
		"at once":                          {p99: []float64{2, 2, 2, 2, 2, 2, 2, 2}, at: 3 * time.Second, want: 3},
		"two bad seconds":                  {p99: []float64{2, 2, 2, 9, 9, 3, 3, 4}, at: 3 * time.Second, want: 5},
		"good seconds are no row of three": {p99: []float64{2, 2, 2, 9, 2, 2, 9, 2, 2, 2}, at: 3 * time.Second, want: 7},
		"nothing answered is not good":     {p99: []float64{2, 2, 2, 0, 0, 2, 2, 2}, at: 3 * time.Second, want: 5},
		"failures are later than all": {p99: []float64{2, 2, 2, 2, 2, 2, 2}, errors: map[int]int64{3: 2},
			at: 3 * time.Second, want: 4},
		"one in a hundred is not among p99": {p99: []float64{2, 2, 2, 2, 2, 2, 2}, errors: map[int]int64{3: 1},
			at: 3 * time.Second, want: 3},
		"never":             {p99: []float64{2, 2, 2, 9, 9, 9, 9, 2, 2}, at: 3 * time.Second, want: never},
		"within its second": {p99: []float64{2, 2, 9, 2, 2, 2}, at: 2500 * time.Millisecond, want: 3},
	} {
		var seconds []v1alpha1.Second
		for i, v := range c.p99 {
			seconds = append(seconds, second(i, v, c.errors[i]))
		}
		calm, back := disturb.Recovery(seconds, c.at)
		if calm == nil || *calm != 0.002 {
			t.Errorf("%s: it was %v before", name, calm)
		}
		if got := valueOr(back, never); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%s: back at %v s, want %v", name, got, c.want)
		}
	}
	if calm, back := disturb.Recovery([]v1alpha1.Second{second(0, 2, 0), second(1, 2, 0)}, time.Second); calm != nil ||
		back != nil {
		t.Error("one second before is taken for how it was")
	}
}

func valueOr(v *float64, or float64) float64 {
	if v == nil {
		return or
	}
	return *v
}

// seen is what a pod would tell of answers at these instants of a window of 10 s.
func seen(answers []float64) *v1alpha1.Continuity {
	all := slices.Concat([]float64{0, 10}, answers)
	slices.Sort(all)
	c := &v1alpha1.Continuity{}
	for i := range len(all) - 1 {
		if all[i+1] > all[i] {
			c.Gaps = append(c.Gaps, v1alpha1.Gap{FromSeconds: all[i], ToSeconds: all[i+1]})
		}
	}
	return c
}

// The gaps of several pods are those of all their answers together.
func TestGapsOfSeveralPodsAreThoseOfAllAnswers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		var parts []*v1alpha1.Continuity
		var all []float64
		for range 1 + random.IntN(4) {
			var own []float64
			for range random.IntN(20) {
				own = append(own, 10*random.Float64())
			}
			parts, all = append(parts, seen(own)), append(all, own...)
		}
		got := disturb.Merge(parts)
		if want := seen(all); !slices.Equal(got.Gaps, want.Gaps) {
			t.Fatalf("merged %v, want %v", got.Gaps, want.Gaps)
		}
		longest, _ := disturb.LongestGap(*got, 10)
		most := slices.MaxFunc(seen(all).Gaps, func(a, b v1alpha1.Gap) int {
			return map[bool]int{true: -1, false: 1}[a.Seconds() < b.Seconds()]
		})
		if longest != most.Seconds() {
			t.Fatalf("the longest is %v, want %v", longest, most.Seconds())
		}
	}
}

func TestMergeKeepsTheWorst(t *testing.T) {
	early, late := 4.0, 6.0
	a := &v1alpha1.Continuity{Failed: 2, Held: 1, LastFailedSeconds: &early, CalmP99Seconds: &early,
		RecoveredSeconds: &early}
	b := &v1alpha1.Continuity{Failed: 3, LastFailedSeconds: &late, CalmP99Seconds: &early, RecoveredSeconds: &late}
	got := disturb.Merge([]*v1alpha1.Continuity{a, b})
	if got.Failed != 5 || got.Held != 1 || *got.LastFailedSeconds != 6 || *got.RecoveredSeconds != 6 {
		t.Errorf("merged %+v", got)
	}
	b.RecoveredSeconds = nil
	if got := disturb.Merge([]*v1alpha1.Continuity{a, b}); got.RecoveredSeconds != nil {
		t.Error("one of two came back, and both are said to have")
	}
	if disturb.Merge([]*v1alpha1.Continuity{a, nil}) != nil {
		t.Error("one of two told nothing, and the other speaks for both")
	}
	if _, open := disturb.LongestGap(v1alpha1.Continuity{Gaps: []v1alpha1.Gap{{FromSeconds: 3, ToSeconds: 10}}},
		10); !open {
		t.Error("a gap that reaches to the window's end is said to be over")
	}
}
