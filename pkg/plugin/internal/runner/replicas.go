package runner

import (
	"context"
	"sync"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// inUse are those of an arm's targets that a trial's requests go to.
func inUse[T any](targets []T, t plan.Trial) []T {
	return targets[:min(max(t.Level.Replicas, 1), len(targets))]
}

// watches are those of a trial's targets.
type watches []*watch

// watchTargets begins to follow the logs of a trial's targets.
func (x *run) watchTargets(ctx context.Context, t plan.Trial, live bool) watches {
	var all watches
	for _, target := range inUse(x.plan.Objects[x.indexOf(t.Arm.Name)].Targets, t) {
		all = append(all, x.watchTarget(ctx, t.Arm, target, live))
	}
	return all
}

// live reports whether the logs are read as they are written.
func (w watches) live() bool { return len(w) > 0 && w[0].live }

func (w watches) stop() {
	for _, one := range w {
		one.stop()
	}
}

// counted is what a target had served at an instant that is not before now; nil if
// it does not tell in time.
func (w *watch) counted(ctx context.Context) *wire.Served {
	var served *wire.Served
	now := time.Now()
	_, _, _ = w.await(ctx, func(last wire.Usage, ahead *time.Duration) bool {
		if ahead == nil || last.At.Add(-*ahead).Before(now) {
			return false
		}
		served = last.Served
		return true
	})
	return served
}

// tallies are what targets had served at one instant, in the order of the watches;
// nil for what nobody knows.
type tallies []*wire.Served

// tally waits for the next word of each of several targets. Of one, its answers to
// the load pods' probes tell, without a wait.
func (w watches) tally(ctx context.Context) tallies {
	if len(w) < 2 {
		return nil
	}
	all := make(tallies, len(w))
	var waits sync.WaitGroup
	for i, one := range w {
		waits.Go(func() { all[i] = one.counted(ctx) })
	}
	waits.Wait()
	return all
}

// byReplica puts together what several targets counted between two tallies, beside
// what the load pods sent. It is nil if one of them did not tell: what is missing is
// not 0, and neither is the sum without it.
func byReplica(pods watches, before, after tallies, harvests []harvest) *v1alpha1.ReceivedCount {
	if len(before) == 0 || len(before) != len(after) || len(before) != len(pods) {
		return nil
	}
	out := v1alpha1.ReceivedCount{}
	var strangers, faults, probes int64
	for i, b := range before {
		a := after[i]
		if b == nil || a == nil || a.Own < b.Own || a.Strangers < b.Strangers { // another process counts
			return nil
		}
		out.Received += a.Own - b.Own
		strangers += a.Strangers - b.Strangers
		faults += a.Faults - b.Faults
		probes += a.Probes - b.Probes
		out.Replicas = append(out.Replicas, v1alpha1.ReplicaCount{Pod: pods[i].name, Received: a.Own - b.Own})
	}
	for _, h := range harvests {
		out.Sent += h.result.Sent
	}
	strangers += max(probes-probesOfLoad*int64(len(harvests)), 0)
	out.Strangers, out.Faults = &strangers, &faults
	return &out
}
