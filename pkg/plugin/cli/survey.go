package cli

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/core/survey"
	show "github.com/meshbench/kubectl-meshbench/pkg/render/survey"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

func newSurvey(a *app) *cobra.Command {
	var format, asOf string
	c := &cobra.Command{
		Use:   "survey [TABLE | MESH ...]",
		Short: "Compare what service meshes can do, with sources",
		Long: `Compare what service meshes can do: the tables 3.3 to 3.10 of 'Experimental
Performance Analysis of Service Mesh Systems' (2022) beside what holds today,
the requirements and findings computed from them, and the architectures drawn.
Each cell of today has a source; one that nobody has checked since says so.
A mesh by its id shows all that is known of it. Needs no cluster.`,
		Example: `  kubectl meshbench survey
  kubectl meshbench survey security 3.7 findings
  kubectl meshbench survey linkerd
  kubectl meshbench survey --as-of 2022 3.10
  kubectl meshbench survey -o html > survey.html`,
		RunE: func(_ *cobra.Command, names []string) error { return a.survey(format, asOf, names) },
	}
	c.Flags().StringVarP(&format, "output", "o", "table", "Output format: table, markdown, html, csv or json")
	c.Flags().StringVar(&asOf, "as-of", "today", "today, or 2022 for the tables as the thesis printed them")
	return c
}

func (a *app) survey(format, asOf string, names []string) error {
	era, ok := map[string]survey.Era{"today": survey.Today, "2022": survey.In2022}[asOf]
	if !ok {
		return usagef("--as-of %s: want today or 2022", asOf)
	}
	catalogue, err := mesh.Builtin()
	if err != nil {
		return err
	}
	all, err := survey.Builtin()
	if err != nil {
		return err
	}
	view, err := show.Choose(all, catalogue, era, names)
	if err != nil {
		return &usageError{err}
	}
	if !show.Known(format) {
		return usagef("-o %s: survey prints %s", format, show.List())
	}
	return show.Write(a.streams.Out, format, view, term.Detect(a.streams.Out, term.ColorAuto, os.Getenv))
}

// surveyNames are what survey takes as arguments.
func surveyNames(context.Context) []string {
	all, err := survey.Builtin()
	if err != nil {
		return nil
	}
	return show.Names(all)
}
