package main

import (
	"context"
	"math"
	"os"
	"syscall"
	"time"
)

// truth is a target whose response times are known: each answer takes so long,
// and once a second the whole target stands still.
type truth struct {
	delay, every, still time.Duration
}

func known() truth {
	return truth{delay: time.Millisecond, every: time.Second, still: 100 * time.Millisecond}
}

// quantile is that of the response times of requests that are due evenly: a share
// still/every of them comes while the target stands still, and waits for its end.
func (t truth) quantile(q float64) time.Duration {
	share := t.still.Seconds() / t.every.Seconds()
	waits := 1 - (1-q)/share // of the stall
	return t.delay + time.Duration(math.Max(0, waits)*float64(t.still))
}

// stand lets a process stand still as it is known to, until the context ends.
func (t truth) stand(ctx context.Context, p *os.Process) error {
	ticks := time.NewTicker(t.every)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticks.C:
		}
		if err := p.Signal(syscall.SIGSTOP); err != nil {
			return err
		}
		time.Sleep(t.still) // this is what is known
		if err := p.Signal(syscall.SIGCONT); err != nil {
			return err
		}
	}
}
