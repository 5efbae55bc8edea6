package cli

import (
	"context"
	"errors"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/preflight"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/runner"
)

// prober does the tiny run of `check --deep` and writes down what it brings.
type prober struct {
	app  *app
	at   *clusters
	plan func(context.Context, []v1alpha1.Arm) (plan.Plan, meshes, error)
	// left is set if objects are still in a cluster.
	left error

	seen map[string]*sighting
}

// sighting is what was seen of one arm.
type sighting struct {
	preflight.ProbedArm
	created     time.Time
	windowStart time.Time
}

func (p *prober) run(ctx context.Context, arms []v1alpha1.Arm) preflight.Probe {
	tiny, meshes, err := p.plan(ctx, arms)
	if err != nil {
		return preflight.Probe{Err: err}
	}
	id := tiny.Run.ID
	p.app.running.Store(&id)
	p.seen = map[string]*sighting{}
	for _, arm := range arms {
		p.seen[arm.Name] = &sighting{}
	}
	r := runner.Runner{Cluster: p.at.own, Others: p.at.forRunner(), Version: p.app.version, Notify: p.see,
		Meshes: meshes.catalogue}
	begun := time.Now()
	outcome, err := r.Run(ctx, tiny)
	if outcome.Interrupted {
		err = errors.Join(err, context.Cause(ctx))
	}
	if outcome.Cleanup == nil {
		p.app.running.Store(nil)
	} else {
		p.left = &uncleanedError{run: id, contexts: contexts(arms), err: outcome.Cleanup}
	}
	probe := preflight.Probe{Err: err, Cleanup: outcome.Cleanup, RunID: id, Took: time.Since(begun),
		Arms: map[string]preflight.ProbedArm{}}
	for _, arm := range outcome.Arms {
		seen := p.seen[arm.Name]
		if arm.Target != nil {
			seen.Target = *arm.Target
		}
		if d, err := meshes.catalogue.Examine(arm, outcome.Trials, portsOf(tiny.Run.Protocols),
			meshes.observed[arm.Name]); err == nil {
			seen.DataPlane = &d
		}
		probe.Arms[arm.Name] = seen.ProbedArm
	}
	return probe
}

// see notes when things happened, by our clock.
func (p *prober) see(e runner.Event) {
	now := time.Now()
	switch e := e.(type) {
	case runner.TargetReady:
		p.seen[e.Arm.Name].TargetReady = e.After
	case runner.TrialStarted:
		p.seen[e.Trial.Arm.Name].created = now
	case runner.WorkerSpoke:
		s := p.seen[e.Trial.Arm.Name]
		if e.Hello != nil {
			s.Worker = e.Hello.Version
			s.Clock = s.Clock.Narrowed(e.Hello.Now, s.created, now)
		}
		if e.Started != nil {
			s.windowStart = e.Started.WindowStart
		}
	case runner.TrialSecond:
		// A second is told when it is over, so this says how late we hear of it.
		s := p.seen[e.Trial.Arm.Name]
		if !s.windowStart.IsZero() {
			s.Clock = s.Clock.Narrowed(s.windowStart.Add(time.Duration(e.Second.OffsetSeconds+1)*time.Second), s.created, now)
		}
	case runner.TrialDone:
		s := p.seen[e.Result.Arm]
		s.Trial, s.Took = e.Result, now.Sub(s.created)
	}
}
