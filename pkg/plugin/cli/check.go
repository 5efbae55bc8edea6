package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/arms"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/preflight"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/session"
	"github.com/meshbench/kubectl-meshbench/pkg/render"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// checkFlags say what is checked besides the flags of a run that decide what
// its pods are.
type checkFlags struct {
	run   runFlags
	files []string
	deep  bool
}

// defaultChecked is what is checked where nothing is named.
const defaultChecked = "exp1"

func newCheck(a *app) *cobra.Command {
	var f checkFlags
	c := &cobra.Command{
		Use:   "check [EXPERIMENT...] [-f FILE]...",
		Short: "Tell what would stop or spoil a run, and how to fix it",
		Long: `Tell what would stop (FAIL) or spoil (WARN) a run of these experiments, exp1 if
none is named, and how to fix it. Nothing is created: pods go through admission
as a dry run. With --deep a trial of one second is run in each arm, and removed.

Exit codes: 0 if nothing would stop a run, 1 if something would.`,
		Example: `  kubectl meshbench check
  kubectl meshbench check exp2 --baseline plain --meshed with-mesh --deep
  kubectl meshbench check -o short`,
		RunE: func(c *cobra.Command, names []string) error { return a.check(c.Context(), &f, names) },
	}
	f.run.addPods(c.Flags(), a.version, a.image())
	c.Flags().StringArrayVarP(&f.files, "filename", "f", nil, "An Experiment document, or - for standard input")
	c.Flags().BoolVar(&f.deep, "deep", false, "Run a trial of one second in each arm: images, injection, names, clocks")
	f.run.output.addFormats(c.Flags(), "; short is what is not in order", checkFormats().Names())
	return c
}

// unfitError says that a run would be stopped.
type unfitError struct{ failed int }

func (e *unfitError) Error() string {
	if e.failed == 1 {
		return "1 check failed: no run can be done until it is fixed"
	}
	return fmt.Sprintf("%d checks failed: no run can be done until they are fixed", e.failed)
}

func (a *app) check(ctx context.Context, f *checkFlags, names []string) error {
	out, err := openAnswer(&f.run.output, a.streams.Out, checkFormats())
	if err != nil {
		return err
	}
	defer out.discard()
	input, at, request, err := a.checkInput(f, names)
	if err != nil {
		return err
	}
	var left error
	if f.deep {
		input.Rehearse = func(ctx context.Context, found []v1alpha1.Arm) preflight.Rehearsal {
			elsewhere := arms.Contexts(found)
			rehearsal := session.Rehearse(ctx, at, request, found, session.Options{
				Version: a.version, Warn: a.warn, Began: func(run string) { a.began(run, elsewhere) },
			})
			if rehearsal.Cleanup == nil {
				a.running.Store(nil)
			} else {
				left = a.uncleaned(rehearsal.RunID, elsewhere, rehearsal.Cleanup)
			}
			return rehearsal
		}
	}
	done := checked{}
	live := liveCheck(out, a.streams.Out)
	done.tally = preflight.Run(ctx, preflight.Checks(input), func(o preflight.Outcome) {
		done.outcomes = append(done.outcomes, o)
		live.Checked(o)
	})
	tally := done.tally
	if err := errors.Join(live.Finish(tally), out.write(io.Discard, done)); err != nil {
		return err
	}
	if left != nil {
		return left
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
func (a *app) checkInput(f *checkFlags, names []string) (preflight.Input, *session.Clusters, session.Request, error) {
	var none preflight.Input
	if len(names)+len(f.files) == 0 {
		names = []string{defaultChecked}
	}
	documents, err := a.read(names, f.files)
	if err != nil {
		return none, nil, session.Request{}, err
	}
	request, err := a.request(&f.run, documents)
	if err != nil {
		return none, nil, request, err
	}
	own, err := a.connect()
	if err == nil {
		err = f.run.hasImage()
	}
	if err != nil {
		return none, nil, request, err
	}
	catalogue, err := mesh.Builtin()
	if err != nil {
		return none, nil, request, err
	}
	open := once(a.connectTo)
	at := session.Connect(own, own.Context(), func(name string) (session.Cluster, error) { return open(name) })
	choice := request.Choice.From(own.Context())
	choice.BaselineOnly = experiment.BaselineOnly(request.Experiments)
	return preflight.Input{
		Meshes: catalogue,
		In: func(context string) (preflight.Cluster, error) {
			if context == "" {
				return own, nil
			}
			return open(context)
		},
		Choice:      choice,
		Experiments: request.Experiments,
		Say:         request.Say,
		Plan: func(ctx context.Context, found []v1alpha1.Arm) (plan.Plan, error) {
			return session.PlanFor(ctx, at, request, found)
		},
		Now: time.Now(),
	}, at, request, nil
}

// checked is what a check found.
type checked struct {
	outcomes []preflight.Outcome
	tally    preflight.Tally
}

// checkObservers print outcomes, by the name of a format, in the order of help.
func checkObservers() []checkObserver {
	return []checkObserver{{"table", preflight.Table}, {"short", preflight.Short},
		{"json", func(out io.Writer, _ term.Style) preflight.Observer { return preflight.JSON(out) }}}
}

type checkObserver struct {
	name string
	open func(io.Writer, term.Style) preflight.Observer
}

func checkFormats() render.AnswerFormats[checked] {
	var all render.AnswerFormats[checked]
	for _, o := range checkObservers() {
		all = append(all, render.NewFormat(o.name, func(out io.Writer, c checked, style term.Style) error {
			observer := o.open(out, style)
			for _, outcome := range c.outcomes {
				observer.Checked(outcome)
			}
			return observer.Finish(c.tally)
		}))
	}
	return all
}

// liveCheck prints to standard output as outcomes come; files are written at the end.
func liveCheck(out *output[checked], stdout io.Writer) preflight.Observer {
	name := out.plain()
	for _, o := range checkObservers() {
		if o.name == name {
			return o.open(stdout, out.style)
		}
	}
	return preflight.Table(io.Discard, out.style)
}
