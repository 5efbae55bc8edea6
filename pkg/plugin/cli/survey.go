package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/core/survey"
	"github.com/meshbench/kubectl-meshbench/pkg/render"
	show "github.com/meshbench/kubectl-meshbench/pkg/render/survey"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

func newSurvey(a *app) *cobra.Command {
	var output outputFlags
	var asOf string
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
		RunE: func(_ *cobra.Command, names []string) error { return a.survey(&output, asOf, names) },
	}
	output.addFormats(c.Flags(), "", show.Formats())
	c.Flags().StringVar(&asOf, "as-of", "today", "today, or 2022 for the tables as the thesis printed them")
	return c
}

// surveyFormats are those of the survey's own room.
func surveyFormats() render.AnswerFormats[show.View] {
	var all render.AnswerFormats[show.View]
	for _, name := range show.Formats() {
		all = append(all, render.NewFormat(name, func(out io.Writer, v show.View, style term.Style) error {
			return show.Write(out, name, v, style)
		}))
	}
	return all
}

func (a *app) survey(output *outputFlags, asOf string, names []string) error {
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
	out, err := openAnswer(output, a.streams.Out, surveyFormats())
	if err != nil {
		return err
	}
	defer out.discard()
	return out.write(a.streams.Out, view)
}

// surveyNames are the tables and meshes that the survey shows.
func surveyNames(context.Context) []string {
	all, err := survey.Builtin()
	if err != nil {
		return nil
	}
	return show.Names(all)
}
