package runner

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
)

// idleID is what a window without load is asked for under.
func idleID(w v1alpha1.IdleWindow) string { return fmt.Sprintf("idle/%s/%d", w.Experiment, w.Round) }

// idleWindows are all that there are, the first one first.
func (x *run) idleWindows() []*v1alpha1.IdleWindow {
	var all []*v1alpha1.IdleWindow
	if x.outcome.Idle != nil {
		all = append(all, x.outcome.Idle)
	}
	for i := range x.outcome.IdleWindows {
		all = append(all, &x.outcome.IdleWindows[i])
	}
	return all
}

// orNil is nil where nothing is known yet.
func orNil(r v1alpha1.Resources) *v1alpha1.Resources {
	if len(r.Sources) == 0 {
		return nil
	}
	return &r
}

// idleBefore lets a window pass with the targets deployed and no load, before
// the first trial of a round: the use that is taken off a round's costs is of
// its own, and so is the error of that. Nobody waits for what nobody can read.
func (x *run) idleBefore(ctx context.Context, experiment string, round int) error {
	if !x.metered.Load() || x.plan.Idle <= 0 {
		return nil
	}
	length := x.plan.Idle
	for _, w := range x.idleWindows() {
		if w.Experiment == experiment && w.Round == round || w.Experiment == "" {
			return nil // one without a name is of a release that took one for all rounds
		}
		length = x.plan.LaterIdle()
	}
	x.Notify(Idling{Length: length})
	watching, stop := context.WithCancel(ctx)
	defer stop()
	var watches []*watch
	for i, arm := range x.plan.Arms {
		if arm.Context == "" {
			for _, target := range x.plan.Objects[i].Targets {
				watches = append(watches, x.watchTarget(watching, arm, target, true))
			}
		}
	}
	begun := time.Now()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(length):
	}
	w := v1alpha1.IdleWindow{Experiment: experiment, Round: round, Window: v1alpha1.Window{
		StartedAt: begun.Round(0).UTC(), EndedAt: begun.Add(length).Round(0).UTC(), Seconds: length.Seconds()}}
	w.Resources = x.seenIdle(ctx, w.Window, watches)
	if x.outcome.Idle == nil {
		x.outcome.Idle = &w
	} else {
		x.outcome.IdleWindows = append(x.outcome.IdleWindows, w)
	}
	x.Meter.Ask(idleID(w), w.Window)
	return nil
}

// seenIdle is what the targets' workers saw of their nodes and of themselves.
// They take samples every second, where kubelets take one in as long as a window.
func (x *run) seenIdle(ctx context.Context, w v1alpha1.Window, watches []*watch) v1alpha1.Resources {
	seen := make([]v1alpha1.Resources, len(watches))
	var work sync.WaitGroup
	for i, target := range watches {
		work.Go(func() {
			pod := target.targetPod(ctx)
			usages, ahead, err := target.until(ctx, w.EndedAt)
			if pod == nil || err != nil || len(usages) == 0 {
				return
			}
			p := podReading(pod, v1alpha1.SideServer)
			p.Usages = usages
			local := w // by the target's clock
			if ahead != nil {
				local.StartedAt, local.EndedAt = w.StartedAt.Add(*ahead), w.EndedAt.Add(*ahead)
			}
			seen[i] = resource.Possible(resource.InPod(local, []resource.PodReading{p}), local)
		})
	}
	work.Wait()
	var all *v1alpha1.Resources
	for _, r := range seen {
		if len(r.Sources) > 0 {
			if all != nil {
				r.Sources = nil // once is enough
			}
			all = v1alpha1.JoinResources(all, r)
		}
	}
	if all == nil {
		return v1alpha1.Resources{}
	}
	return *all
}

// firstRound is what a run begins with: the round of its first trial, or, of
// searches alone, none.
func firstRound(p plan.Plan) (experiment string, round int) {
	if len(p.Trials) > 0 {
		return p.Trials[0].Experiment, p.Trials[0].Round
	}
	if len(p.Searches) > 0 {
		return p.Experiments[0].Metadata.Name, 1
	}
	return "", 0
}
