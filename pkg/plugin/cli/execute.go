package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/pkg/core/gate"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/journal"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/progress"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/runner"
)

// run goes the whole way: experiments, plan, trials, report.
func (a *app) run(ctx context.Context, f *runFlags, documents []v1alpha1.Experiment) error {
	if err := f.check(); err != nil {
		return err
	}
	experiments, err := resolve(f, documents)
	if err != nil {
		return err
	}
	if err := compatible(experiments, f.slos); err != nil {
		return err
	}
	choice, err := parseChoice(f.baseline, f.meshed)
	if err != nil {
		return err
	}
	at, err := a.dial(ctx)
	if err != nil {
		return err
	}
	choice.BaselineOnly, choice.Control = baselineOnly(experiments), f.control
	arms, err := at.arms(ctx, choice)
	if err != nil {
		return err
	}
	arms, meshes, err := recognise(ctx, at, arms)
	if err != nil {
		return err
	}
	input, err := planInput(f, experiments, arms, meshes)
	if err != nil {
		return err
	}
	p := plan.Make(input)
	if f.dryRun == dryRunClient {
		return a.printPlan(f, p)
	}
	header := journal.Header{Context: at.facts.Context, Plan: input, Planned: p.Total(), Begun: time.Now()}
	return a.execute(ctx, f, execution{
		clusters: at, plan: p, begun: header.Begun, meshes: meshes,
		open: func(s journal.Store) (*journal.Journal, error) { return s.Create(header) },
	})
}

// resume goes on with a run whose plugin died.
func (a *app) resume(ctx context.Context, f *runFlags, id string) error {
	if err := f.check(); err != nil {
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
	if err := replannable(entry.Plan); err != nil {
		return usagef("journal of run %s: %w: it cannot go on; start a new run", id, err)
	}
	if entry.Report != "" {
		return usagef("run %s went to its end: `kubectl meshbench report %s` shows it", id, id)
	}
	at, err := a.dial(ctx)
	if err != nil {
		return err
	}
	if at.facts.Context != entry.Context {
		return usagef("run %s was begun in context %q, this is %q: use --context %s", id, entry.Context, at.facts.Context,
			entry.Context)
	}
	p := plan.Make(entry.Plan)
	_, meshes, err := recognise(ctx, at, p.Arms)
	if err != nil {
		return err
	}
	return a.execute(ctx, f, execution{
		clusters: at, plan: p, begun: entry.Begun, resumed: true, done: entry.Trials, idle: entry.Idle, meshes: meshes,
		open: func(s journal.Store) (*journal.Journal, error) { return s.Append(id) },
	})
}

// execution is a run that is ready to begin, or to go on.
type execution struct {
	clusters *clusters
	plan     plan.Plan
	meshes   meshes
	begun    time.Time
	resumed  bool
	done     []v1alpha1.Trial
	idle     *v1alpha1.IdleWindow
	open     func(journal.Store) (*journal.Journal, error)
}

func (a *app) execute(ctx context.Context, f *runFlags, x execution) error {
	slos, err := parseSLOs(f.slos)
	if err != nil {
		return err
	}
	out, err := f.output.open(a.streams.Out)
	if err != nil {
		return err
	}
	defer out.discard()
	elsewhere, err := x.clusters.elsewhere(ctx, x.plan.Arms)
	if err != nil {
		return err
	}
	if err := x.clusters.permissions(ctx, x.plan.Arms); err != nil {
		return err
	}
	meter, err := f.meter.open(ctx, x.clusters.own, x.meshes.components(x.plan.Arms))
	if err != nil {
		return err
	}
	kept, err := a.keep(x.open)
	if err != nil {
		return err
	}
	defer kept.close()
	id := x.plan.Run.ID
	a.running.Store(&id)
	r := runner.Runner{
		Cluster: x.clusters.own, Others: x.clusters.forRunner(), Version: a.version,
		Notify: kept.observe(a.observer(f.quiet)), Keep: f.keep,
		Resumed: x.resumed, Done: x.done, DoneIdle: x.idle, Meshes: x.meshes.catalogue,
	}
	outcome, failed := runMetered(ctx, r, meter, x.plan)
	if outcome.Cleanup == nil && !f.keep {
		a.running.Store(nil)
	}
	// The nodes are described although ctx may have ended: the report is what
	// an interrupted run still owes.
	describing, stop := context.WithTimeout(context.WithoutCancel(ctx), describeLimit)
	defer stop()
	report, err := a.finish(describing, x, outcome, elsewhere, slos)
	if err == nil && len(report.Trials) > 0 {
		if len(outcome.Trials) >= len(x.plan.Trials) && !outcome.Interrupted && failed == nil {
			kept.finish(report)
		}
		err = out.write(a.streams.Out, report)
	}
	if outcome.Cleanup != nil {
		failed = errors.Join(failed, &uncleanedError{run: id, contexts: contexts(x.plan.Arms), err: outcome.Cleanup})
	}
	if f.keep {
		_, _ = fmt.Fprintf(a.streams.ErrOut, "kept all objects of run %s; remove them with%s\n", id,
			cleanupLines(id, contexts(x.plan.Arms)))
	}
	if err := errors.Join(failed, interruption(ctx), err); err != nil {
		if interruption(ctx) != nil && kept.journal != nil {
			_, _ = fmt.Fprintf(a.streams.ErrOut, "go on with it: kubectl meshbench run --resume %s\n", id)
		}
		return err
	}
	return f.undecided.allow(a.streams.ErrOut, verdict(report))
}

// finish analyses what a run has brought.
func (a *app) finish(ctx context.Context, x execution, outcome runner.Outcome, elsewhere []v1alpha1.Cluster,
	slos []gate.SLO) (v1alpha1.Report, error) {
	whole := assemble(ctx, assembly{
		plan: x.plan, outcome: outcome, facts: x.clusters.facts, elsewhere: elsewhere, nodes: x.clusters.nodes,
		version: a.version, begun: x.begun, ended: time.Now(),
	})
	if err := x.meshes.examine(&whole, x.plan.Run.Protocols); err != nil {
		return whole, err
	}
	report, err := analyse.Complete(analyse.Input{Report: whole, Levels: levelsOf(x.plan)})
	if err != nil {
		return report, err
	}
	report.Verdicts, err = gate.Evaluate(report, slos)
	return report, err
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

// describeLimit bounds reading what the report says about nodes.
const describeLimit = 10 * time.Second

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
