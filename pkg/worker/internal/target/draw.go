package target

import (
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// draws decide which requests fail or are slow: by the number of their arrival in
// a trial, so that a request that is sent again has a draw of its own.
type draws struct{ trial atomic.Pointer[trialDraws] }

// trialDraws are those of one trial, which its seed tells from the one before.
type trialDraws struct {
	seed uint64
	next atomic.Uint64
}

// draw says what becomes of the request at hand. Strangers are served as ever: they
// can neither make the run's requests fail nor use up their numbers.
func (d *draws) draw(asked *wire.Faults, own bool) (fails, slow bool) {
	if asked == nil || !own {
		return false, true
	}
	now := d.trial.Load()
	for now == nil || now.seed != asked.Seed {
		d.trial.CompareAndSwap(now, &trialDraws{seed: asked.Seed})
		now = d.trial.Load()
	}
	return asked.Draw(now.next.Add(1) - 1)
}

// faultsIn are those that a call's metadata asks for; nil for none.
func faultsIn(md metadata.MD) (*wire.Faults, error) {
	text := md.Get(wire.MetadataFaults)
	if len(text) == 0 {
		return nil, nil
	}
	asked, err := wire.ParseFaults(text[0])
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return &asked, nil
}

// delayOf is the delay of a request that asks for one, if it was drawn to be slow.
func delayOf(asked time.Duration, slow bool) time.Duration {
	if !slow {
		return 0
	}
	return asked
}
