// Package session is the way from experiments to a report: it finds who takes
// part, plans, lets the plan be executed, keeps what is measured and puts the
// report together. A run has one session, and one more each time it goes on
// after an interruption.
package session

import (
	"context"
	"errors"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/pkg/core/arms"
	"github.com/meshbench/kubectl-meshbench/pkg/core/gate"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/journal"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/meter"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/runner"
)

// Session is a run that is ready to begin, or to go on.
type Session struct {
	clusters   *Clusters
	input      plan.Input
	plan       plan.Plan
	meshes     meshes
	objectives []gate.SLO
	// before is what the journal has of a run that goes on; nil for a new one.
	before *journal.Entry
}

// New finds the arms of a request and plans its run.
func New(ctx context.Context, at *Clusters, r Request) (*Session, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	found, err := arms.Find(ctx, func(context string) (arms.Namespaces, error) { return at.In(context) }, r.choice(at),
		r.Say)
	if err != nil {
		return nil, err
	}
	found, known, err := r.recognise(ctx, at, found)
	if err != nil {
		return nil, err
	}
	return r.prepare(ctx, at, found, known)
}

func (r Request) prepare(ctx context.Context, at *Clusters, found []v1alpha1.Arm, known meshes) (*Session, error) {
	if err := r.knows(found); err != nil {
		return nil, err
	}
	called, err := r.called(ctx, at, found)
	if err != nil {
		return nil, err
	}
	input, err := r.input(found, known)
	if err != nil {
		return nil, err
	}
	input.Called = called
	return &Session{clusters: at, input: input, plan: plan.Make(input), meshes: known, objectives: r.Objectives}, nil
}

// Plan is what the session is going to do.
func (s *Session) Plan() plan.Plan { return s.plan }

// Options say how a session is executed, and who sees it.
type Options struct {
	// Version is the plugin's.
	Version string
	// Notify gets every event.
	Notify func(runner.Event)
	// Warn gets what costs no measurement and should still be known.
	Warn func(error)
	// Meter opens what measures from outside of the pods; it may return nil.
	Meter func(context.Context, []meter.Component) (*meter.Meter, error)
	// Store keeps the run; one without a directory keeps none.
	Store journal.Store
	// Began is called when objects may be in a cluster from now on.
	Began func(run string)
	// Keep leaves all objects in place.
	Keep bool
}

// Result is what a session brought.
type Result struct {
	Report v1alpha1.Report
	// Cleanup is what could not be removed.
	Cleanup error
	// Kept is set if the run is in the store, and can go on if it is not finished.
	Kept, Finished bool
}

// attemptPause is the time before a second attempt at a trial.
const attemptPause = time.Second

// pairedWithin is how far the arms of a round may lie apart when a run goes on.
const pairedWithin = 15 * time.Minute

// describeLimit bounds reading what the report says about nodes.
const describeLimit = 10 * time.Second

// Run executes the session. The result holds all that was measured, also with
// an error, which says why the run did not go to its end.
func (s *Session) Run(ctx context.Context, o Options) (Result, error) {
	elsewhere, err := s.clusters.elsewhere(ctx, s.plan.Arms)
	if err != nil {
		return Result{}, err
	}
	if err := s.clusters.permissions(ctx, s.plan.Arms); err != nil {
		return Result{}, err
	}
	var m *meter.Meter
	if o.Meter != nil {
		if m, err = o.Meter(ctx, s.meshes.components(s.plan.Arms)); err != nil {
			return Result{}, err
		}
	}
	begun := time.Now()
	if s.before != nil {
		begun = s.before.Begun
	}
	kept, err := s.keep(o, begun)
	if err != nil {
		return Result{}, err
	}
	defer kept.close()
	if o.Began != nil {
		o.Began(s.plan.Run.ID)
	}
	outcome, failed := s.execute(ctx, o, kept, m)
	result := Result{Cleanup: outcome.Cleanup}
	// The nodes are described although ctx may have ended: the report is what
	// an interrupted run still owes.
	describing, stop := context.WithTimeout(context.WithoutCancel(ctx), describeLimit)
	defer stop()
	result.Report, err = s.report(describing, o.Version, begun, outcome, elsewhere)
	stopped := new(runner.StoppedError) // such a run does not go on
	result.Finished = err == nil && (failed == nil && !outcome.Interrupted && len(result.Report.Trials) > 0 &&
		len(outcome.Trials) >= len(outcome.Planned) || errors.As(failed, &stopped))
	if result.Finished {
		kept.finish(result.Report)
	}
	result.Kept = kept.journal != nil
	return result, errors.Join(failed, err)
}

func (s *Session) execute(ctx context.Context, o Options, kept *keeper, m *meter.Meter) (runner.Outcome, error) {
	r := runner.Runner{
		Cluster: s.clusters.own, Others: s.clusters.forRunner(), Version: o.Version,
		Notify: kept.observe(o.Notify), Keep: o.Keep, Meshes: s.meshes.catalogue, Pause: attemptPause,
		PairedWithin: pairedWithin,
	}
	if s.before != nil {
		r.Resumed, r.Done, r.DoneIdle = true, s.before.Trials, s.before.Idle
		r.DoneIdleWindows, r.DoneReplaced = s.before.IdleWindows, s.before.Replaced
	}
	if m == nil {
		return r.Run(ctx, s.plan)
	}
	metering, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.Run(metering)
	}()
	defer func() {
		stop()
		<-done
	}()
	r.Meter = m
	return r.Run(ctx, s.plan)
}

// report analyses what a run has brought.
func (s *Session) report(ctx context.Context, version string, begun time.Time, outcome runner.Outcome,
	elsewhere []v1alpha1.Cluster) (v1alpha1.Report, error) {
	whole := assemble(ctx, assembly{
		plan: s.plan, outcome: outcome, facts: s.clusters.facts, elsewhere: elsewhere, in: s.clusters.In,
		version: version, begun: begun, ended: time.Now(),
	})
	if err := s.meshes.examine(&whole, s.plan.Run.Protocols); err != nil {
		return whole, err
	}
	report, err := analyse.Complete(analyse.Input{Report: whole, Levels: levelsOf(s.plan)})
	if err != nil {
		return report, err
	}
	report.Verdicts, err = gate.Evaluate(report, s.objectives)
	return report, err
}
