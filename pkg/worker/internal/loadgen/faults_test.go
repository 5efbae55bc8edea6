package loadgen

import (
	"math"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// The target fails the share that was asked for, in every protocol, and both sides
// agree which: failures on purpose are told from all others, and no connection is
// given up or rested for them.
func TestTheTargetFailsTheShareThatIsAskedFor(t *testing.T) {
	key := wire.Key{9}
	s := identified(t, key)
	for _, protocol := range wire.ProtocolIDs() {
		for _, bytes := range []int64{0, 100} {
			load := spec(s.Addr(protocol))
			load.Protocol, load.TargetKey, load.ResponseBytes = protocol, key, bytes
			load.ErrorRatio, load.SlowRatio, load.DrawSeed = 0.2, 1, 7+uint64(bytes)
			r := run(t, load)
			failed, all := r.Load.Faults(), r.Load.Requests+r.Load.Failed()
			if failed != r.Load.Failed() || len(r.Load.Errors) != 1 {
				t.Fatalf("%s: errors %+v, want those that were asked for", protocol, r.Load.Errors)
			}
			n := float64(all)
			if sigma := math.Sqrt(n * 0.2 * 0.8); math.Abs(float64(failed)-0.2*n) > 5*sigma+3 {
				t.Errorf("%s: %d of %d requests failed, want 20 %%", protocol, failed, all)
			}
			if rest := 300 / 10; all < 4*int64(rest) {
				t.Errorf("%s: %d requests in 300 ms: it rests after each failure", protocol, all)
			}
			if r.Load.Sockets != 3 {
				t.Errorf("%s: %d sockets for 3 connections", protocol, r.Load.Sockets)
			}
			served := r.Target.After.Faults - r.Target.Before.Faults
			if served < failed || served > failed+r.Target.Sent-all {
				t.Errorf("%s: the target failed %d requests of %d, the client saw %d of %d", protocol, served, r.Target.Sent,
					failed, all)
			}
		}
	}
}

// Only the share that is asked for waits.
func TestOnlyAShareOfTheRequestsIsSlow(t *testing.T) {
	key := wire.Key{9}
	s := identified(t, key)
	const delay = 30 * time.Millisecond
	for _, protocol := range wire.ProtocolIDs() {
		load := spec(s.Addr(protocol))
		load.Protocol, load.TargetKey, load.Connections = protocol, key, 16
		load.ServerDelay, load.SlowRatio, load.DrawSeed = of(delay), 0.5, 3
		r := run(t, load)
		h := r.Load.ServiceTime
		if h == nil || r.Load.Failed() > 0 || h.MaxSeconds < delay.Seconds() || h.MinSeconds >= delay.Seconds() {
			t.Errorf("%s: service times %+v, want some below and some above %s", protocol, h, delay)
		}
	}
}

// What else fails is no fault that was asked for, whatever its status.
func TestOtherFailuresAreNoFaults(t *testing.T) {
	answer := func(body string) *v1alpha1.FailedAnswer { return &v1alpha1.FailedAnswer{Body: body} }
	for name, f := range map[string]*failure{
		"of a mesh":                statusFailure(503, answer("no healthy upstream")),
		"without words":            statusFailure(503, nil),
		"of another status":        statusFailure(500, answer(wire.FaultText)),
		"of a target that is full": statusFailure(503, answer("meshbench target: too much is under way")),
	} {
		if f.asked() || f.class != v1alpha1.ErrorStatus {
			t.Errorf("%s: %+v", name, f)
		}
	}
	if f := statusFailure(503, answer(wire.FaultText)); !f.asked() {
		t.Errorf("%+v is not as asked", f)
	}
}
