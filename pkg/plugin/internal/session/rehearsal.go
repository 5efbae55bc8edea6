package session

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/factor"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/preflight"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/runner"
)

// PlanFor plans a request for arms that were found already, for checks.
func PlanFor(ctx context.Context, at *Clusters, r Request, found []v1alpha1.Arm) (plan.Plan, error) {
	s, err := r.planFor(ctx, at, found)
	if err != nil {
		return plan.Plan{}, err
	}
	return s.plan, nil
}

// Rehearse runs trials of a second with one connection, one for each protocol that
// the request speaks, in each arm.
func Rehearse(ctx context.Context, at *Clusters, r Request, found []v1alpha1.Arm, o Options) preflight.Rehearsal {
	r.Experiments, r.Objectives, r.Idle = tiny(r.Experiments), nil, 0
	s, err := r.planFor(ctx, at, found)
	if err != nil {
		return preflight.Rehearsal{Err: err}
	}
	p := &rehearser{seen: map[string]*sighting{}}
	for _, arm := range found {
		p.seen[arm.Name] = &sighting{}
	}
	o.Notify = p.see
	begun := time.Now()
	result, err := s.Run(ctx, o)
	if result.Report.Run.Interrupted {
		err = errors.Join(err, context.Cause(ctx))
	}
	rehearsal := preflight.Rehearsal{Err: err, Cleanup: result.Cleanup, RunID: s.plan.Run.ID, Took: time.Since(begun),
		Arms: map[string]preflight.RehearsedArm{}}
	for _, arm := range result.Report.Arms {
		seen := p.seen[arm.Name]
		if arm.Target != nil {
			seen.Target = *arm.Target
		}
		seen.DataPlane = arm.DataPlane
		rehearsal.Arms[arm.Name] = seen.RehearsedArm
	}
	return rehearsal
}

// gentleRate is the most that a rehearsal asks of a Service of the user's.
const gentleRate v1alpha1.Rate = 5

// tiny are experiments of one trial of the first level of each protocol, with
// one connection, for a second. Their pods are those of the experiments.
func tiny(all []v1alpha1.Experiment) []v1alpha1.Experiment {
	var out []v1alpha1.Experiment
	var seen []v1alpha1.Protocol
	for _, e := range all {
		for _, l := range experiment.Levels(e) {
			if !slices.Contains(seen, l.Protocol) {
				seen = append(seen, l.Protocol)
				out = append(out, tinyOf(e, l))
			}
		}
	}
	return out
}

func tinyOf(e v1alpha1.Experiment, l v1alpha1.Level) v1alpha1.Experiment {
	none := 0
	e.Metadata.Name = "check-" + string(l.Protocol)
	e.Spec.SLOs, e.Spec.Search, e.Spec.Arms = nil, nil, v1alpha1.ArmsAll
	e.Spec.Factors = factor.Deep(l)
	e.Spec.Schedule.Rounds, e.Spec.Schedule.Repeats = 1, &none
	e.Spec.Schedule.Duration, e.Spec.Schedule.Warmup = v1alpha1.Duration{Duration: time.Second}, &v1alpha1.Duration{}
	if e.Spec.Target.Service != nil {
		rate := gentleRate
		if !l.Rate.ClosedLoop() {
			rate = min(rate, l.Rate)
		}
		e.Spec.Factors.Rate = v1alpha1.Values[v1alpha1.Rate]{rate}
		e.Spec.Schedule.Warmup.Duration = wire.LeastRamp
	}
	return e
}

// rehearser writes down what a rehearsal brings.
type rehearser struct{ seen map[string]*sighting }

// sighting is what was seen of one arm.
type sighting struct {
	preflight.RehearsedArm
	protocol    v1alpha1.Protocol
	created     time.Time
	windowStart time.Time
}

// see notes when things happened, by our clock.
func (p *rehearser) see(e runner.Event) {
	now := time.Now()
	switch e := e.(type) {
	case runner.TargetReady:
		p.seen[e.Arm.Name].TargetReady = e.After
	case runner.TrialStarted:
		s := p.seen[e.Trial.Arm.Name]
		s.created, s.protocol, s.windowStart = now, e.Trial.Level.Protocol, time.Time{}
	case runner.WorkerSpoke:
		s := p.seen[e.Trial.Arm.Name]
		if e.Hello != nil {
			s.Worker, s.OpenFiles = e.Hello.Version, e.Hello.OpenFiles
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
		s.Trials = append(s.Trials,
			preflight.RehearsedTrial{Trial: e.Result, Protocol: s.protocol, Took: now.Sub(s.created)})
	}
}
