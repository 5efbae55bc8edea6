package loadgen

import (
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// One by one, ten million a second over a window of 15 minutes would take minutes.
func TestUnsentRequestsAreCountedAtOnce(t *testing.T) {
	start := time.Now()
	spec := wire.LoadSpec{Rate: 10_000_000, Connections: 1, Clients: 1}
	d := &drive{spec: spec, start: start, end: start.Add(15 * time.Minute), recorder: newRecorder(true, 1)}
	d.leave(scheduleOf(spec, start), 0, 0)
	d.recorder.turn(0)
	if got := d.recorder.result(); got.Unsent != 9_000_000_000 || got.Censored.Count != got.Unsent {
		t.Errorf("%d unsent, %+v censored, want 9e9", got.Unsent, got.Censored)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
}

func TestUnsentRequestsAgreeWithCountingEach(t *testing.T) {
	origin := time.Now()
	for _, rate := range []float64{0.3, 1, 7, 333.3, 4999} {
		for connections := 1; connections <= 5; connections++ {
			for clients := 1; clients <= 3; clients++ {
				spec := wire.LoadSpec{Rate: v1alpha1.Rate(rate), Connections: connections, Clients: clients, Client: clients - 1}
				plan := scheduleOf(spec, origin.Add(-2*time.Second))
				from, to := origin, origin.Add(10*time.Second)
				for _, k := range []int64{0, 3, 50} {
					var want int64
					first := time.Time{}
					for i := k; plan.due(clients, 0, i).Before(to); i++ {
						if at := plan.due(clients, 0, i); !at.Before(from) {
							if want++; want == 1 {
								first = at
							}
						}
					}
					n, at := plan.between(clients, 0, k, from, to)
					if n != want || want > 0 && !at.Equal(first) {
						t.Errorf("rate %v, %d connections, %d clients, from %d: %d from %s, want %d from %s",
							rate, connections, clients, k, n, at, want, first)
					}
				}
			}
		}
	}
}

func TestWhatNobodySawAnsweredIsCensored(t *testing.T) {
	r := newRecorder(true, 1)
	due := time.Now()
	r.record(0, sample{due: due, sent: due.Add(time.Second), ended: due.Add(11 * time.Second),
		failure: &failure{class: v1alpha1.ErrorTimeout}})
	r.record(0,
		sample{due: due, sent: due, ended: due.Add(time.Millisecond), failure: &failure{class: v1alpha1.ErrorReset}})
	r.recordUnsent(0, 3, 2500*time.Millisecond, time.Second)
	r.turn(0)
	got := r.result()
	h, err := stats.FromAPI(got.Censored)
	if err != nil {
		t.Fatal(err)
	}
	if h.Count() != 4 || h.CountAbove(10*time.Second) != 1 || h.CountAbove(400*time.Millisecond) != 4 ||
		h.CountAbove(600*time.Millisecond) != 3 || h.CountAbove(1600*time.Millisecond) != 2 {
		t.Errorf("censored %+v", got.Censored)
	}
	closed := newRecorder(false, 1)
	closed.record(0, sample{sent: due, ended: due.Add(10 * time.Second), failure: &failure{class: v1alpha1.ErrorTimeout}})
	closed.turn(0)
	if c := closed.result().Censored; c == nil || c.Count != 1 || c.MaxSeconds < 9.9 {
		t.Errorf("closed loop: censored %+v", c)
	}
}
