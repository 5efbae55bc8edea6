package cli

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/meshbench/kubectl-meshbench/pkg/analyse"
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/cluster"
	"github.com/meshbench/kubectl-meshbench/pkg/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/gate"
	"github.com/meshbench/kubectl-meshbench/pkg/journal"
	"github.com/meshbench/kubectl-meshbench/pkg/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/preflight"
	"github.com/meshbench/kubectl-meshbench/pkg/progress"
	"github.com/meshbench/kubectl-meshbench/pkg/runner"
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
	client, err := a.connect()
	if err != nil {
		return err
	}
	facts, err := client.Facts(ctx)
	if err != nil {
		return err
	}
	arms, err := preflight.Arms(ctx, client, f.choice)
	if err != nil {
		return err
	}
	input, err := planInput(f, experiments, arms)
	if err != nil {
		return err
	}
	p := plan.Make(input)
	if f.dryRun == dryRunClient {
		return a.printPlan(f, p)
	}
	header := journal.Header{Context: facts.Context, Plan: input, Planned: len(p.Trials), Begun: time.Now()}
	return a.execute(ctx, f, execution{
		client: client, facts: facts, plan: p, begun: header.Begun,
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
	if entry.Report != "" {
		return usagef("run %s went to its end: `kubectl meshbench report %s` shows it", id, id)
	}
	client, err := a.connect()
	if err != nil {
		return err
	}
	facts, err := client.Facts(ctx)
	if err != nil {
		return err
	}
	if facts.Context != entry.Context {
		return usagef("run %s was begun in context %q, this is %q: use --context %s", id, entry.Context, facts.Context, entry.Context)
	}
	return a.execute(ctx, f, execution{
		client: client, facts: facts, plan: plan.Make(entry.Plan), begun: entry.Begun, resumed: true, done: entry.Trials, idle: entry.Idle,
		open: func(s journal.Store) (*journal.Journal, error) { return s.Append(id) },
	})
}

// execution is a run that is ready to begin, or to go on.
type execution struct {
	client  *cluster.Client
	facts   v1alpha1.Cluster
	plan    plan.Plan
	begun   time.Time
	resumed bool
	done    []v1alpha1.Trial
	idle    *v1alpha1.IdleWindow
	open    func(journal.Store) (*journal.Journal, error)
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
	if err := preflight.Permissions(ctx, x.client, x.plan.Arms); err != nil {
		return err
	}
	meter, err := f.meter.open(ctx, x.client)
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
		Cluster: x.client, Version: a.version, Notify: kept.observe(a.observer(f.quiet)), Keep: f.keep,
		Resumed: x.resumed, Done: x.done, DoneIdle: x.idle, Idle: f.meter.idle,
	}
	outcome, failed := runMetered(ctx, r, meter, x.plan)
	if outcome.Cleanup == nil && !f.keep {
		a.running.Store(nil)
	}
	// The nodes are described although ctx may have ended: the report is what
	// an interrupted run still owes.
	describing, stop := context.WithTimeout(context.WithoutCancel(ctx), describeLimit)
	defer stop()
	report, err := a.finish(describing, x, outcome, slos)
	if err == nil && len(report.Trials) > 0 {
		if len(outcome.Trials) >= len(x.plan.Trials) && !outcome.Interrupted && failed == nil {
			kept.finish(report)
		}
		err = out.write(a.streams.Out, report)
	}
	if outcome.Cleanup != nil {
		failed = errors.Join(failed, &uncleanedError{run: id, err: outcome.Cleanup})
	}
	if f.keep {
		_, _ = fmt.Fprintf(a.streams.ErrOut, "kept all objects of run %s; remove them with\n  kubectl meshbench cleanup --run %s\n", id, id)
	}
	if err := errors.Join(failed, interruption(ctx), err); err != nil {
		if interruption(ctx) != nil && kept.journal != nil {
			_, _ = fmt.Fprintf(a.streams.ErrOut, "go on with it: kubectl meshbench run --resume %s\n", id)
		}
		return err
	}
	return verdict(report)
}

// finish analyses what a run has brought.
func (a *app) finish(ctx context.Context, x execution, outcome runner.Outcome, slos []gate.SLO) (v1alpha1.Report, error) {
	report, err := analyse.Complete(analyse.Input{
		Report: assemble(ctx, assembly{
			plan: x.plan, outcome: outcome, facts: x.facts, nodes: x.client,
			version: a.version, begun: x.begun, ended: time.Now(),
		}),
		Levels: levelsOf(x.plan),
	})
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

func resolve(f *runFlags, documents []v1alpha1.Experiment) ([]v1alpha1.Experiment, error) {
	var resolved []v1alpha1.Experiment
	for _, document := range documents {
		changed, err := f.apply(document)
		if err != nil {
			return nil, err
		}
		e, err := experiment.Resolve(changed)
		if err != nil {
			return nil, usagef("experiment %s: %w", document.Metadata.Name, err)
		}
		resolved = append(resolved, e)
	}
	return resolved, nil
}

func planInput(f *runFlags, experiments []v1alpha1.Experiment, arms []v1alpha1.Arm) (plan.Input, error) {
	var random [8]byte
	if _, err := rand.Read(random[:]); err != nil {
		return plan.Input{}, fmt.Errorf("choose a run id: %w", err)
	}
	now := time.Now()
	seed := f.seed
	if !f.set.Changed("seed") {
		// Short enough to be typed again.
		seed = int64(binary.BigEndian.Uint32(random[:4]))
		if first := experiments[0].Spec.Schedule.Seed; first != nil {
			seed = *first
		}
	}
	for i := range experiments {
		experiments[i].Spec.Schedule.Seed = &seed
	}
	return plan.Input{
		RunID:       now.UTC().Format("060102-150405-") + hex.EncodeToString(random[6:]),
		Seed:        seed,
		Experiments: experiments,
		Arms:        arms,
		Image:       f.image,
		PullPolicy:  f.pullPolicy,
		PullSecrets: f.pullSecrets,
		Now:         now,
	}, nil
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

// verdict turns a report into the error that the exit code is made of: broken
// objectives, undecided ones, or nothing that could be compared.
func verdict(r v1alpha1.Report) error {
	var failed, undecided []string
	for _, v := range r.Verdicts {
		text := fmt.Sprintf("%s: %s (%s)", v.Arm, v.SLO, v.Evidence)
		switch v.Result {
		case v1alpha1.VerdictFail:
			failed = append(failed, text)
		case v1alpha1.VerdictInconclusive:
			undecided = append(undecided, text)
		}
	}
	if len(failed) > 0 {
		return &breachedError{"objective broken: " + strings.Join(failed, "; ")}
	}
	if len(undecided) > 0 {
		return &inconclusiveError{"objective undecided: " + strings.Join(undecided, "; ")}
	}
	for _, c := range r.Comparisons {
		if c.Evidence != v1alpha1.EvidenceVoid && c.Pairs > 0 {
			return nil
		}
	}
	return &inconclusiveError{"no meshed arm can be compared with the baseline: the report's findings say why"}
}
