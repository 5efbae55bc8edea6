package cli

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/meshbench/kubectl-meshbench/pkg/analyse"
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/experiment"
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
	p, err := makePlan(f, experiments, arms)
	if err != nil {
		return err
	}
	if f.dryRun == dryRunClient {
		return a.printPlan(f, p)
	}
	out, err := f.output.open(a.streams.Out)
	if err != nil {
		return err
	}
	defer out.discard()
	if err := preflight.Permissions(ctx, client, arms); err != nil {
		return err
	}
	begun := time.Now()
	a.running.Store(&p.Run.ID)
	r := runner.Runner{Cluster: client, Version: a.version, Notify: a.observer(f.quiet), Keep: f.keep}
	outcome, failed := r.Run(ctx, p)
	if outcome.Cleanup == nil && !f.keep {
		a.running.Store(nil)
	}
	// The nodes are described although ctx may have ended: the report is what
	// an interrupted run still owes.
	describing, stop := context.WithTimeout(context.WithoutCancel(ctx), describeLimit)
	defer stop()
	report, err := analyse.Complete(analyse.Input{
		Report: assemble(describing, assembly{
			plan: p, outcome: outcome, facts: facts, nodes: client,
			version: a.version, begun: begun, ended: time.Now(),
		}),
		Levels: levelsOf(p),
	})
	if err == nil && len(report.Trials) > 0 {
		err = out.write(a.streams.Out, report)
	}
	if outcome.Cleanup != nil {
		failed = errors.Join(failed, &uncleanedError{run: p.Run.ID, err: outcome.Cleanup})
	}
	if f.keep {
		_, _ = fmt.Fprintf(a.streams.ErrOut, "kept all objects of run %s; remove them with\n  kubectl meshbench cleanup --run %s\n", p.Run.ID, p.Run.ID)
	}
	if err := errors.Join(failed, interruption(ctx), err); err != nil {
		return err
	}
	return conclusive(report)
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

func makePlan(f *runFlags, experiments []v1alpha1.Experiment, arms []v1alpha1.Arm) (plan.Plan, error) {
	var random [8]byte
	if _, err := rand.Read(random[:]); err != nil {
		return plan.Plan{}, fmt.Errorf("choose a run id: %w", err)
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
	return plan.Make(plan.Input{
		RunID:       now.UTC().Format("060102-150405-") + hex.EncodeToString(random[6:]),
		Seed:        seed,
		Experiments: experiments,
		Arms:        arms,
		Image:       f.image,
		PullPolicy:  f.pullPolicy,
		PullSecrets: f.pullSecrets,
		Now:         now,
	}), nil
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

// conclusive is an error if no meshed arm could be compared with the baseline.
func conclusive(r v1alpha1.Report) error {
	for _, c := range r.Comparisons {
		if c.Evidence != v1alpha1.EvidenceVoid && c.Pairs > 0 {
			return nil
		}
	}
	return &inconclusiveError{"no meshed arm can be compared with the baseline: the report's findings say why"}
}
