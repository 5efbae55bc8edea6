package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/preflight"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// checkFlags say what is checked besides the flags of a run that decide what
// its pods are.
type checkFlags struct {
	run    runFlags
	files  []string
	deep   bool
	format string
	color  string
}

// defaultChecked is what is checked where nothing is named.
const defaultChecked = "exp1"

func newCheck(a *app) *cobra.Command {
	var f checkFlags
	c := &cobra.Command{
		Use:   "check [EXPERIMENT...] [-f FILE]...",
		Short: "Tell what would stop or spoil a run, and how to mend it",
		Long: `Tell what would stop (FAIL) or spoil (WARN) a run of these experiments, exp1 if
none is named, and how to mend it. Nothing is created: pods go through admission
as a dry run. With --deep a trial of one second is run in each arm, and removed.

Exit codes: 0 if nothing would stop a run, 1 if something would.`,
		Example: `  kubectl meshbench check
  kubectl meshbench check exp2 --baseline plain --meshed with-mesh --deep
  kubectl meshbench check -o short`,
		RunE: func(c *cobra.Command, names []string) error { return a.check(c.Context(), &f, names) },
	}
	f.run.addPods(c.Flags(), a.version)
	c.Flags().StringArrayVarP(&f.files, "filename", "f", nil, "An Experiment document, or - for standard input")
	c.Flags().BoolVar(&f.deep, "deep", false, "Run a trial of one second in each arm: images, injection, names, clocks")
	c.Flags().StringVarP(&f.format, "output", "o", "table",
		"Output format: table, short (only what is not in order) or json")
	c.Flags().StringVar(&f.color, "color", "auto", "When to use colour: auto, always or never")
	return c
}

// unfitError says that a run would be stopped.
type unfitError struct{ failed int }

func (e *unfitError) Error() string {
	if e.failed == 1 {
		return "1 check failed: no run can be done until it is mended"
	}
	return fmt.Sprintf("%d checks failed: no run can be done until they are mended", e.failed)
}

func (a *app) check(ctx context.Context, f *checkFlags, names []string) error {
	if err := f.run.check(); err != nil {
		return err
	}
	observer, err := f.observer(a.streams.Out)
	if err != nil {
		return err
	}
	input, at, err := a.checkInput(f, names)
	if err != nil {
		return err
	}
	probing := &prober{app: a, at: at}
	if f.deep {
		input.Probe = probing.run
		probing.plan = func(ctx context.Context, arms []v1alpha1.Arm) (plan.Plan, meshes, error) {
			return a.planFor(ctx, at, &f.run, tiny(input.Experiments[0]), arms)
		}
	}
	tally := preflight.Run(ctx, preflight.Checks(input), observer.Checked)
	if err := observer.Finish(tally); err != nil {
		return err
	}
	if probing.left != nil {
		return probing.left
	}
	if err := interruption(ctx); err != nil {
		return err
	}
	if tally.Failed > 0 {
		return &unfitError{tally.Failed}
	}
	return nil
}

// checkInput reads all that the user said; the cluster is not asked yet, so that
// an unreachable one is a failed check.
func (a *app) checkInput(f *checkFlags, names []string) (preflight.Input, *clusters, error) {
	var none preflight.Input
	if len(names)+len(f.files) == 0 {
		names = []string{defaultChecked}
	}
	documents, err := a.read(names, f.files)
	if err != nil {
		return none, nil, err
	}
	experiments, err := resolve(&f.run, documents)
	if err != nil {
		return none, nil, err
	}
	choice, err := parseChoice(f.run.baseline, f.run.meshed)
	if err != nil {
		return none, nil, err
	}
	if err := compatible(experiments, nil); err != nil {
		return none, nil, err
	}
	choice.BaselineOnly = baselineOnly(experiments)
	own, err := a.connect()
	if err != nil {
		return none, nil, err
	}
	at := &clusters{own: own, facts: v1alpha1.Cluster{Context: own.Context()}, open: a.connectTo}
	catalogue, err := mesh.Builtin()
	if err != nil {
		return none, nil, err
	}
	return preflight.Input{
		Meshes:      catalogue,
		In:          func(context string) (preflight.Cluster, error) { return at.in(context) },
		Choice:      at.normal(choice),
		Experiments: experiments,
		Plan: func(ctx context.Context, arms []v1alpha1.Arm) (plan.Plan, error) {
			p, _, err := a.planFor(ctx, at, &f.run, experiments, arms)
			return p, err
		},
		Now: time.Now(),
	}, at, nil
}

// planFor plans for arms as their meshes want them addressed. A mesh that
// cannot be recognised is for its own check to tell, and its Service a plain one.
func (a *app) planFor(ctx context.Context, at *clusters, f *runFlags, experiments []v1alpha1.Experiment,
	arms []v1alpha1.Arm) (plan.Plan, meshes, error) {
	recognised, meshes, err := recognise(ctx, at, arms)
	if err == nil {
		arms = recognised
	}
	input, err := planInput(f, experiments, arms, meshes)
	if err != nil {
		return plan.Plan{}, meshes, err
	}
	return plan.Make(input), meshes, nil
}

// tiny is one trial of an experiment's first level, with one connection, for a
// second. Its pods are those of the experiment.
func tiny(e v1alpha1.Experiment) []v1alpha1.Experiment {
	first, none := experiment.Levels(e)[0], 0
	e.Metadata.Name = "check"
	e.Spec.SLOs, e.Spec.Search = nil, nil
	e.Spec.Factors = v1alpha1.Factors{
		Protocol:      v1alpha1.Values[v1alpha1.Protocol]{first.Protocol},
		Rate:          v1alpha1.Values[v1alpha1.Rate]{0},
		Connections:   v1alpha1.Values[int]{1},
		Clients:       v1alpha1.Values[int]{1},
		Placement:     v1alpha1.Values[v1alpha1.Placement]{first.Placement},
		RequestBytes:  v1alpha1.Values[int64]{first.RequestBytes},
		ResponseBytes: v1alpha1.Values[int64]{first.ResponseBytes},
		// Each of the two has one value that means "not varied".
		RequestsPerConnection: v1alpha1.Values[int]{0},
		ServerDelay:           v1alpha1.Values[v1alpha1.Duration]{{}},
	}
	e.Spec.Schedule.Rounds, e.Spec.Schedule.Repeats = 1, &none
	e.Spec.Schedule.Duration, e.Spec.Schedule.Warmup = v1alpha1.Duration{Duration: time.Second}, &v1alpha1.Duration{}
	return []v1alpha1.Experiment{e}
}

func (f *checkFlags) observer(out io.Writer) (preflight.Observer, error) {
	mode, err := term.ParseColorMode(f.color)
	if err != nil {
		return nil, &usageError{err}
	}
	style := term.Detect(out, mode, os.Getenv)
	switch f.format {
	case "table":
		return preflight.Table(out, style), nil
	case "short":
		return preflight.Short(out, style), nil
	case "json":
		return preflight.JSON(out), nil
	default:
		return nil, usagef("-o %s: want table, short or json", f.format)
	}
}
