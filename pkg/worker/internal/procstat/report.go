package procstat

import (
	"context"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// Report samples at once and then at every interval, and writes what it saw,
// until ctx ends or writing fails.
func Report(ctx context.Context, s *Sampler, interval time.Duration, write func(wire.Usage) error) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if err := write(s.Sample()); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
