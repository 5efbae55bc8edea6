package runner

import (
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// What several targets received is the sum of what each counted, and nothing where
// one of them did not tell, or where another process tells than before.
func TestWhatSeveralTargetsReceived(t *testing.T) {
	served := func(own, strangers, probes int64) *wire.Served {
		return &wire.Served{Own: own, Strangers: strangers, Probes: probes, Faults: own / 10}
	}
	targets := watches{{name: "target"}, {name: "target-1"}}
	loads := []harvest{{result: &wire.Result{Sent: 70}}, {result: &wire.Result{Sent: 30}}}
	before := tallies{served(1000, 5, 9), served(0, 0, 0)}
	got := byReplica(targets, before, tallies{served(1090, 8, 12), served(10, 0, 2)}, loads)
	if got == nil || got.Sent != 100 || got.Received != 100 || *got.Strangers != 3+1 || *got.Faults != 10 ||
		len(got.Replicas) != 2 || got.Replicas[0].Received != 90 || got.Replicas[1].Pod != "target-1" {
		t.Errorf("received %+v, want 90 and 10 of 100 sent, and 3 requests and a probe of strangers", got)
	}
	for name, after := range map[string]tallies{
		"one is silent":   {served(1090, 8, 12), nil},
		"one is new":      {served(40, 8, 12), served(10, 0, 2)},
		"one is missing":  {served(1090, 8, 12)},
		"nobody was read": nil,
	} {
		if got := byReplica(targets, before, after, loads); got != nil {
			t.Errorf("%s: received %+v", name, got)
		}
	}
}

// A count is of after the instant at which it is asked for, by the clock of the
// target, which may be far from ours: an older frame may come late.
func TestACountIsNotOlderThanTheQuestion(t *testing.T) {
	const ahead = time.Hour
	w := &watch{done: make(chan struct{}), changed: make(chan struct{})}
	say := func(at time.Time) { // what was counted is the instant itself
		w.take(wire.Usage{At: at.Add(ahead), Served: &wire.Served{Own: at.UnixNano()}})
	}
	say(time.Now())
	asked := time.Now()
	counted := make(chan *wire.Served)
	go func() { counted <- w.counted(t.Context()) }()
	for {
		say(asked.Add(-time.Millisecond)) // comes late
		say(time.Now())
		select {
		case got := <-counted:
			if got == nil || got.Own < asked.UnixNano() {
				t.Errorf("counted %+v, want what was said after the question", got)
			}
		case <-time.After(time.Millisecond):
			continue
		}
		break
	}
	close(w.done)
	if got := (&watch{done: w.done, changed: make(chan struct{})}).counted(t.Context()); got != nil {
		t.Errorf("a target that says nothing has counted %+v", got)
	}
}
