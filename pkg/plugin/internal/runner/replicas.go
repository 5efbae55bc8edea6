package runner

import (
	"context"
	"sync"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// inUse are those of an arm's targets that a trial's requests go through.
func inUse[T any](run workload.Run, targets []T, t plan.Trial) []T {
	var all []T
	for _, i := range run.InUse(t.Level) {
		if i < len(targets) {
			all = append(all, targets[i])
		}
	}
	return all
}

// watches are those of a trial's targets.
type watches []*watch

// watchTargets begins to follow the logs of a trial's targets.
func (x *run) watchTargets(ctx context.Context, t plan.Trial, live bool) watches {
	var all watches
	for _, target := range inUse(x.plan.Run, x.plan.Objects[x.indexOf(t.Arm.Name)].Targets, t) {
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

// counted is what a target said of an instant that is not before now; nil if it says
// nothing in time.
func (w *watch) counted(ctx context.Context) *wire.Usage {
	var said *wire.Usage
	now := time.Now()
	_, _, _ = w.await(ctx, func(last wire.Usage, ahead *time.Duration) bool {
		if ahead == nil || last.At.Add(-*ahead).Before(now) || last.Served == nil {
			return false
		}
		said = &last
		return true
	})
	return said
}

// tallies are what targets had counted at one instant, in the order of the watches;
// nil for what nobody knows.
type tallies []*wire.Usage

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

// between is what each target counted between two tallies, in the order of the
// watches; none if one of them did not tell, or another process tells than before:
// what is missing is not 0, and neither is the sum without it.
func between(before, after tallies) []wire.Usage {
	if len(before) == 0 || len(before) != len(after) {
		return nil
	}
	var all []wire.Usage
	for i, b := range before {
		a := after[i]
		if b == nil || a == nil || !a.Since.Equal(b.Since) || (a.Onward == nil) != (b.Onward == nil) {
			return nil
		}
		grown := wire.Usage{Served: &wire.Served{Own: a.Served.Own - b.Served.Own,
			Strangers: a.Served.Strangers - b.Served.Strangers, Probes: a.Served.Probes - b.Served.Probes,
			Faults: a.Served.Faults - b.Served.Faults}}
		if a.Onward != nil {
			grown.Onward = &wire.Onward{Sent: a.Onward.Sent - b.Onward.Sent, Failed: a.Onward.Failed - b.Onward.Failed,
				Opened: a.Onward.Opened - b.Onward.Opened}
		}
		all = append(all, grown)
	}
	return all
}

// byReplica puts together what several targets counted, beside what the load pods
// sent; nil where that is not known of all.
func byReplica(pods watches, counted []wire.Usage, harvests []harvest) *v1alpha1.ReceivedCount {
	if len(counted) != len(pods) {
		return nil
	}
	out := v1alpha1.ReceivedCount{}
	var strangers, faults, probes int64
	for i, c := range counted {
		out.Received += c.Served.Own
		strangers += c.Served.Strangers
		faults += c.Served.Faults
		probes += c.Served.Probes
		out.Replicas = append(out.Replicas, v1alpha1.ReplicaCount{Pod: pods[i].name, Received: c.Served.Own})
	}
	for _, h := range harvests {
		out.Sent += h.result.Sent
	}
	strangers += max(probes-probesOfLoad*int64(len(harvests)), 0)
	out.Strangers, out.Faults = &strangers, &faults
	return &out
}

// addHops adds what the hops of a chain counted to what its first target received.
func addHops(to *v1alpha1.ReceivedCount, pods watches, counted []wire.Usage, loads int) {
	if to == nil || len(counted) != len(pods) {
		return
	}
	for i, c := range counted {
		hop := v1alpha1.HopCount{Pod: pods[i].name, Received: c.Served.Own}
		if on := c.Onward; on != nil {
			hop.Called, hop.Failed, hop.Opened = &on.Sent, &on.Failed, &on.Opened
		}
		to.Hops = append(to.Hops, hop)
		if i > 0 && to.Strangers != nil { // those of the first one are known by its probes
			*to.Strangers += c.Served.Strangers + max(c.Served.Probes-probesOfLoad*int64(loads), 0)
		}
	}
}
