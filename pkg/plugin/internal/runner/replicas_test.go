package runner

import (
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// What several targets received is the sum of what each counted, and nothing where
// one of them did not tell, or where another process tells than before.
func TestWhatSeveralTargetsReceived(t *testing.T) {
	begun := time.Unix(1, 0)
	said := func(own, strangers, probes int64) *wire.Usage {
		return &wire.Usage{Since: begun, Served: &wire.Served{Own: own, Strangers: strangers, Probes: probes,
			Faults: own / 10}}
	}
	targets := watches{{name: "target"}, {name: "target-1"}}
	loads := []harvest{{result: &wire.Result{Sent: 70}}, {result: &wire.Result{Sent: 30}}}
	before := tallies{said(1000, 5, 9), said(0, 0, 0)}
	got := byReplica(targets, between(before, tallies{said(1090, 8, 12), said(10, 0, 2)}), loads)
	if got == nil || got.Sent != 100 || got.Received != 100 || *got.Strangers != 3+1 || *got.Faults != 10 ||
		len(got.Replicas) != 2 || got.Replicas[0].Received != 90 || got.Replicas[1].Pod != "target-1" {
		t.Errorf("received %+v, want 90 and 10 of 100 sent, and 3 requests and a probe of strangers", got)
	}
	anew := said(1090, 8, 12)
	anew.Since = begun.Add(time.Second)
	for name, after := range map[string]tallies{
		"one is silent":   {said(1090, 8, 12), nil},
		"one is new":      {anew, said(10, 0, 2)},
		"one is missing":  {said(1090, 8, 12)},
		"nobody was read": nil,
	} {
		if got := byReplica(targets, between(before, after), loads); got != nil {
			t.Errorf("%s: received %+v", name, got)
		}
	}
}

// The hops of a chain are told in their order, with strangers at any of them.
func TestWhatHopsReceivedAndCalled(t *testing.T) {
	calls, none := &wire.Onward{Sent: 40, Failed: 1, Opened: 2}, int64(0)
	first := wire.Usage{Served: &wire.Served{Own: 20}, Onward: calls}
	last := wire.Usage{Served: &wire.Served{Own: 41, Strangers: 3, Probes: 4}}
	got := v1alpha1.ReceivedCount{Sent: 20, Received: 20, Strangers: &none}
	addHops(&got, watches{{name: "target"}, {name: "hop-2"}}, []wire.Usage{first, last}, 1)
	if len(got.Hops) != 2 || *got.Hops[0].Called != 40 || *got.Hops[0].Failed != 1 || got.Hops[1].Received != 41 ||
		got.Hops[1].Called != nil || *got.Strangers != 5 {
		t.Errorf("hops %+v, %d strangers", got.Hops, *got.Strangers)
	}
	addHops(nil, watches{{}}, []wire.Usage{first}, 1) // the first one did not tell: there is nothing to add to
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
	counted := make(chan *wire.Usage)
	go func() { counted <- w.counted(t.Context()) }()
	for {
		say(asked.Add(-time.Millisecond)) // comes late
		say(time.Now())
		select {
		case got := <-counted:
			if got == nil || got.Served.Own < asked.UnixNano() {
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
