package loadgen

import (
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// ramp raises load on a Service of the user's in steps, which are equal parts of the
// warm-up. Without steps it lets all load through.
type ramp struct {
	begun time.Time
	step  time.Duration
}

func rampOf(s wire.LoadSpec, begun time.Time) ramp {
	if s.Service == nil {
		return ramp{}
	}
	return ramp{begun: begun, step: s.Warmup.Duration / time.Duration(len(wire.RampShares()))}
}

// share is that of the load at an instant.
func (r ramp) share(at time.Time) float64 {
	shares := wire.RampShares()
	if r.step <= 0 {
		return 1
	}
	step := int(at.Sub(r.begun) / r.step)
	return shares[min(max(step, 0), len(shares)-1)]
}

// admits tells which of the requests of an open schedule are sent: of a step of a
// quarter every fourth, by the number in the whole trial, so that load pods agree.
func (r ramp) admits(due time.Time, number int64) bool {
	share := r.share(due)
	return share >= 1 || int64(float64(number+1)*share) > int64(float64(number)*share)
}

// joins is when a connection of a closed loop, of so many, begins.
func (r ramp) joins(connection, of int) time.Time {
	for i, share := range wire.RampShares() {
		if float64(connection) < share*float64(of) {
			return r.begun.Add(time.Duration(i) * r.step)
		}
	}
	return r.begun
}
