package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
)

const (
	// cleanupLimit bounds the removal of a run's objects, with an API server that
	// may be away meanwhile.
	cleanupLimit = 60*time.Second + kube.OutageLimit
	// heartbeat is how often a run says that it is alive.
	heartbeat = 20 * time.Second
)

// sayAlive lets `cleanup` tell this run from one that crashed.
func (x *run) sayAlive(ctx context.Context) {
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var signs sync.WaitGroup // a cluster that cannot be reached must not silence another
		for _, arm := range x.plan.Arms {
			signs.Go(func() { x.signAlive(ctx, arm) })
		}
		signs.Wait()
	}
}

// signAlive writes one sign of life. One that cannot be written in time is made
// up for by the next.
func (x *run) signAlive(ctx context.Context, arm v1alpha1.Arm) {
	ctx, stop := context.WithTimeout(ctx, heartbeat)
	defer stop()
	owner := x.owners[arm.Name]
	_ = x.on(arm).SayAlive(ctx, owner.Namespace, owner.Name, time.Now())
}

// cleanup removes what this run created in its own namespaces, with its own
// deadline. What carries its label and is not its own stays.
func (x *run) cleanup(ctx context.Context) error {
	x.Notify(CleaningUp{})
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), cleanupLimit)
	defer stop()
	errs, removed := make([]error, len(x.plan.Arms)), make([]int, len(x.plan.Arms))
	notOurs := make([][]kube.Object, len(x.plan.Arms))
	var removals sync.WaitGroup // what is stuck in one namespace must not keep the others'
	for i, arm := range x.plan.Arms {
		if x.sharesNamespace(i) {
			continue
		}
		removals.Go(func() {
			objects, err := x.on(arm).Leftovers(ctx, arm.Namespace, x.plan.Run.ID)
			if err == nil {
				objects, notOurs[i] = kube.Ours(objects)
				err = x.on(arm).Delete(ctx, objects)
			}
			if err != nil {
				errs[i] = fmt.Errorf("arm %s: %w", arm.Name, err)
				return
			}
			removed[i] = len(objects)
		})
	}
	removals.Wait()
	sum := 0
	for _, n := range removed {
		sum += n
	}
	x.Notify(CleanedUp{Objects: sum, NotOurs: slices.Concat(notOurs...)})
	return errors.Join(errs...)
}

// sharesNamespace reports whether an arm is in the namespace of one before it, as
// the control is in that of the baseline.
func (x *run) sharesNamespace(arm int) bool {
	own := x.plan.Arms[arm]
	return slices.ContainsFunc(x.plan.Arms[:arm],
		func(a v1alpha1.Arm) bool { return a.Context == own.Context && a.Namespace == own.Namespace })
}
