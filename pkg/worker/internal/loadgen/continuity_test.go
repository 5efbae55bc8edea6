package loadgen

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Gaps are those between all answers in order, whatever the order in which
// connections recorded them.
func TestGapsAreThoseBetweenAllAnswers(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		start := time.Now()
		c := newContinuity(start, 2*time.Second, 10*time.Second)
		var ended []time.Duration
		for at := time.Duration(0); at < 10*time.Second; at += time.Duration(random.IntN(40)) * time.Millisecond {
			ended = append(ended, at)
		}
		out := slices.Clone(ended)
		for i := range out { // neighbours change places
			j := min(i+random.IntN(4), len(out)-1)
			out[i], out[j] = out[j], out[i]
		}
		for _, at := range out {
			c.record(sample{due: start.Add(at), sent: start.Add(at), ended: start.Add(at)})
		}
		var longest time.Duration
		all := slices.Concat([]time.Duration{0}, ended, []time.Duration{10 * time.Second})
		for i := range len(all) - 1 {
			longest = max(longest, all[i+1]-all[i])
		}
		var got time.Duration
		for _, g := range c.result().Gaps {
			got = max(got, time.Duration((g.Seconds()+1e-10)*float64(time.Second)))
		}
		if got.Round(time.Microsecond) != longest {
			t.Fatalf("the longest gap is %s, want %s", got, longest)
		}
	}
}

// However many gaps there are, the longest are listed, and what is not listed is no
// longer than what is said.
func TestAResultListsTheLongestGaps(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	start := time.Now()
	c := newContinuity(start, 2*time.Second, time.Hour)
	var all []time.Duration
	at := time.Duration(0)
	for range 50_000 {
		gap := time.Duration(1 + random.IntN(50_000_000))
		all, at = append(all, gap), at+gap
		c.record(sample{due: start.Add(at), sent: start.Add(at), ended: start.Add(at)})
	}
	c.end = at
	r := c.result()
	slices.SortFunc(all, func(a, b time.Duration) int { return int(b - a) })
	if len(r.Gaps) > mostGaps || len(r.Gaps) < mostGaps/2 {
		t.Fatalf("%d gaps are listed", len(r.Gaps))
	}
	lengths := make([]float64, len(r.Gaps))
	for i, g := range r.Gaps {
		lengths[i] = g.Seconds()
		if i > 0 && g.FromSeconds < r.Gaps[i-1].ToSeconds {
			t.Fatal("they are not in order")
		}
	}
	slices.Sort(lengths)
	slices.Reverse(lengths)
	for i, v := range lengths {
		if d := v - all[i].Seconds(); d > 1e-6 || d < -1e-6 {
			t.Fatalf("number %d is %v, want %s", i, v, all[i])
		}
	}
	if next := all[len(lengths)].Seconds(); r.UnlistedSeconds < next-1e-9 ||
		r.UnlistedSeconds > lengths[len(lengths)-1]+1e-9 {
		t.Errorf("those not listed are said to be up to %v s, the next is %v s", r.UnlistedSeconds, next)
	}
}

func TestFailuresAndHeldRequestsOfADisturbance(t *testing.T) {
	start := time.Now()
	c := newContinuity(start, 2*time.Second, 10*time.Second)
	lost := &failure{class: v1alpha1.ErrorReset}
	send := func(due, took time.Duration, f *failure) {
		c.record(sample{due: start.Add(due), sent: start.Add(due), ended: start.Add(due + took), failure: f})
	}
	send(time.Second, time.Millisecond, lost) // before it
	send(3*time.Second, 2*time.Second, lost)
	send(2500*time.Millisecond, time.Millisecond, lost)
	send(4*time.Second, 1001*time.Millisecond, nil)
	send(4*time.Second, 999*time.Millisecond, nil)
	// Due 2.2 s before the end, and each 100 ms from then on: at 2.2, 2.1 ... 1.1 s.
	c.recordUnsent(22, 2200*time.Millisecond, 100*time.Millisecond)
	r := c.result()
	if r.Failed != 2 || r.LastFailedSeconds == nil || *r.LastFailedSeconds != 3 || r.Held != 2+12 {
		t.Errorf("failed %d, the last %v, held %d", r.Failed, r.LastFailedSeconds, r.Held)
	}
}
