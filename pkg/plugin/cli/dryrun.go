package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/meshbench/kubectl-meshbench/pkg/core/disturb"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/session"
	"github.com/meshbench/kubectl-meshbench/pkg/render"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// The values of --dry-run, which mean the same for every command: client changes
// nothing and prints what would be done, server lets the API server judge it as well.
const (
	dryRunNone   = "none"
	dryRunClient = "client"
	dryRunServer = "server"
)

// outlined is a run that is not done.
type outlined struct {
	summary string
	plan    plan.Plan
	objects []any
}

// plan prints what a run would create and how long it would take.
func (a *app) plan(ctx context.Context, f *runFlags, request session.Request) error {
	out, err := openAnswer(&f.output, a.streams.Out, a.planFormats())
	if err != nil {
		return &usageError{fmt.Errorf("of a dry run: %w", err)}
	}
	defer out.discard()
	at, _, err := a.dial(ctx, nil)
	if err != nil {
		return err
	}
	s, err := session.New(ctx, at, request)
	if err != nil {
		return err
	}
	p := s.Plan()
	a.note(p)
	objects, err := p.AllObjects()
	if err != nil {
		return err
	}
	trials := fmt.Sprintf("%d trials", p.Total())
	if len(p.Searches) > 0 {
		trials = "about " + trials + ", of which a search shows its first step only"
	}
	return out.write(a.streams.Out, outlined{plan: p, objects: objects,
		summary: fmt.Sprintf("run of %s: about %s, %.0f pod-seconds, %d objects, seed %d",
			trials, p.Duration().Round(time.Second), p.PodSeconds(), len(objects), p.Seed)})
}

// planFormats are the formats of a run that is not done. JSON has no comments: what
// it would take goes to standard error.
func (a *app) planFormats() render.AnswerFormats[outlined] {
	summary := func(out io.Writer, p outlined, _ term.Style) error { return printSummary(out, p.summary, p.plan) }
	return render.AnswerFormats[outlined]{
		render.NewFormat("table", summary), render.NewFormat("wide", summary),
		render.NewFormat("yaml", func(out io.Writer, p outlined, _ term.Style) error {
			return printYAML(out, p.summary, p.objects)
		}),
		render.NewFormat("json", func(out io.Writer, p outlined, _ term.Style) error {
			_, _ = fmt.Fprintln(a.streams.ErrOut, p.summary)
			return printJSON(out, p.objects)
		}),
	}
}

// printYAML prints a stream that kubectl reads as it is.
func printYAML(out io.Writer, summary string, objects []any) error {
	if _, err := fmt.Fprintf(out, "# %s\n", summary); err != nil {
		return err
	}
	for _, o := range objects {
		data, err := yaml.Marshal(o)
		if err != nil {
			return fmt.Errorf("print plan: %w", err)
		}
		if _, err := fmt.Fprintf(out, "---\n%s", data); err != nil {
			return err
		}
	}
	return nil
}

func printJSON(out io.Writer, objects []any) error {
	return term.JSON(out, map[string]any{"apiVersion": "v1", "kind": "List", "items": objects})
}

func printSummary(out io.Writer, summary string, p plan.Plan) error {
	if _, err := fmt.Fprintln(out, summary); err != nil {
		return err
	}
	for _, arm := range p.Arms {
		in := ""
		if arm.Context != "" {
			in = ", context " + arm.Context
		}
		if _, err := fmt.Fprintf(out, "arm %s: %s, namespace %s%s\n", arm.Name, arm.Role, arm.Namespace, in); err != nil {
			return err
		}
	}
	for _, e := range p.Experiments {
		if d := e.Spec.Disturbance; d != nil {
			if _, err := fmt.Fprintf(out, "targets of %s are disturbed in each trial: %s\n", e.Metadata.Name,
				disturb.Say(*d)); err != nil {
				return err
			}
		}
	}
	for i, t := range p.Planned() {
		if _, err := fmt.Fprintf(out, "%4d  %s\n", i+1, t.ID(1)); err != nil {
			return err
		}
	}
	return nil
}
