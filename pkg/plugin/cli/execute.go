package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"golang.org/x/term"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/arms"
	"github.com/meshbench/kubectl-meshbench/pkg/core/gate"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/cluster"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/meter"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/progress"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/runner"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/session"
	clean "github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// run goes the whole way: experiments, plan, trials, report.
func (a *app) run(ctx context.Context, f *runFlags, documents []v1alpha1.Experiment) error {
	request, err := a.request(f, documents)
	if err != nil {
		return err
	}
	if f.dryRun == dryRunClient {
		return a.plan(ctx, f, request)
	}
	out, err := f.output.open(a.streams.Out)
	if err != nil {
		return err
	}
	defer out.discard()
	at, own, err := a.dial(ctx, f.hasImage)
	if err != nil {
		return err
	}
	s, err := session.New(ctx, at, request)
	if err != nil {
		return err
	}
	a.note(s.Plan())
	return a.execute(ctx, f, s, own, out)
}

// note tells what a plan had to leave out or hold back.
func (a *app) note(p plan.Plan) {
	for _, limit := range append(p.Calls(), p.Limits()...) {
		_, _ = fmt.Fprintln(a.streams.ErrOut, clean.Clean("note: "+limit))
	}
}

// request is what the flags and documents of a command line ask for.
func (a *app) request(f *runFlags, documents []v1alpha1.Experiment) (session.Request, error) {
	var none session.Request
	if err := f.check(); err != nil {
		return none, err
	}
	experiments, err := resolve(f, documents)
	if err != nil {
		return none, err
	}
	choice, err := parseChoice(f.baseline, f.meshed)
	if err != nil {
		return none, err
	}
	choice.Control = f.control
	objectives, err := parseSLOs(f.slos)
	if err != nil {
		return none, err
	}
	if !slices.ContainsFunc(experiments, func(e v1alpha1.Experiment) bool { return e.Spec.Search == nil }) {
		objectives = nil // a search has asked for it already
	}
	r := session.Request{
		Experiments: experiments, Choice: choice, Objectives: objectives,
		Image: f.image, PullPolicy: f.pullPolicy, Idle: f.meter.idleWindow(),
		ScaleUp: f.scaleUp, Allow: f.service.allow, Say: a.say(),
	}
	if f.set.Changed("seed") {
		r.Seed = &f.seed
	}
	return r, r.Validate()
}

// resume goes on with a run that was interrupted.
func (a *app) resume(ctx context.Context, f *runFlags, id string) error {
	if err := f.check(); err != nil {
		return err
	}
	objectives, err := parseSLOs(f.slos)
	if err != nil {
		return err
	}
	store, err := a.store()
	if err != nil {
		return err
	}
	entry, err := store.Read(id)
	if err != nil {
		return &usageError{err}
	}
	if entry.Report != "" {
		return usagef("run %s went to its end: `kubectl meshbench report %s` shows it", id, id)
	}
	out, err := f.output.open(a.streams.Out)
	if err != nil {
		return err
	}
	defer out.discard()
	at, own, err := a.dial(ctx, f.hasImage)
	if err != nil {
		return err
	}
	s, err := session.Continue(ctx, at, entry,
		session.Request{Objectives: objectives, Allow: f.service.allow, Say: a.say()},
		f.trusted())
	if err != nil {
		return err
	}
	return a.execute(ctx, f, s, own, out)
}

// execute runs a session and prints its report.
func (a *app) execute(ctx context.Context, f *runFlags, s *session.Session, own *cluster.Client,
	out *output[v1alpha1.Report]) error {
	store, err := a.store()
	if err != nil {
		a.warn(fmt.Errorf("%w: this run is not kept, only printed", err))
	}
	id, elsewhere := s.Plan().Run.ID, arms.Contexts(s.Plan().Arms)
	result, failed := s.Run(ctx, session.Options{
		Version: a.version, Notify: a.observer(f.quiet), Warn: a.warn, Store: store, Keep: f.keep,
		Began: func(string) { a.began(id, elsewhere) },
		Meter: func(ctx context.Context, components []meter.Component) (*meter.Meter, error) {
			return f.meter.open(ctx, own, components)
		},
	})
	if result.Cleanup == nil && !f.keep {
		a.running.Store(nil)
	}
	if len(result.Report.Trials) > 0 {
		err = out.write(a.streams.Out, result.Report)
	}
	if result.Cleanup != nil {
		failed = errors.Join(failed, a.uncleaned(id, elsewhere, result.Cleanup))
	}
	if f.keep && a.running.Load() != nil {
		_, _ = fmt.Fprintf(a.streams.ErrOut, "kept all objects of run %s; remove them with%s\n", id,
			a.cleanupLines(id, elsewhere))
	}
	if err := errors.Join(failed, interruption(ctx), err); err != nil {
		if result.Kept && !result.Finished {
			_, _ = fmt.Fprintf(a.streams.ErrOut, "go on with it: %s\n", a.say().Plugin("", f.resumption(id)...))
		}
		return err
	}
	return f.undecided.allow(a.streams.ErrOut, verdict(result.Report))
}

// trusted is what no journal is asked for.
func (f *runFlags) trusted() session.Trusted {
	return session.Trusted{Image: f.image, PullPolicy: f.pullPolicy, ServiceAccount: f.pods.serviceAccount,
		PullSecrets: f.pods.pullSecrets, HeaderSecrets: f.service.secrets}
}

// resumption are the arguments that go on with a run.
func (f *runFlags) resumption(id string) []string {
	t := f.trusted()
	if !f.set.Changed("image") {
		t.Image = ""
	}
	return append(append([]string{"run", "--resume", id}, t.Args()...), f.service.allow.Args()...)
}

// began notes what sayLeft prints: from now on objects may be in a cluster.
func (a *app) began(run string, contexts []string) {
	lines := a.cleanupLines(run, contexts)
	a.running.Store(&leftRun{id: run, lines: lines})
}

func (a *app) warn(err error) {
	_, _ = fmt.Fprintf(a.streams.ErrOut, "warning: %s\n", clean.CleanLines(err.Error()))
}

func parseSLOs(texts []string) ([]gate.SLO, error) {
	var all []gate.SLO
	for _, text := range texts {
		s, err := gate.Parse(text)
		if err != nil {
			return nil, usagef("--slo: %w", err)
		}
		all = append(all, s)
	}
	return all, nil
}

// observer shows progress as standard error allows.
func (a *app) observer(quiet bool) func(runner.Event) {
	if quiet {
		return func(runner.Event) {}
	}
	if file, ok := a.streams.ErrOut.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		columns, _, err := term.GetSize(int(file.Fd()))
		if err != nil {
			columns = 80
		}
		return progress.Live(a.streams.ErrOut, columns)
	}
	return progress.Lines(a.streams.ErrOut)
}
