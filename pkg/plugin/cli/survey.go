package cli

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/render/survey"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

func newSurvey(a *app) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "survey [TABLE...]",
		Short: "Compare what service meshes can do, with sources",
		Long: `Compare what service meshes can do: the tables of the survey in 'Experimental
Performance Analysis of Service Mesh Systems' (2022), brought up to date from
the catalogue, with the source of each cell that changed. Needs no cluster.`,
		Example: `  kubectl meshbench survey
  kubectl meshbench survey security 3.7
  kubectl meshbench survey -o markdown > survey.md`,
		RunE: func(_ *cobra.Command, names []string) error { return a.survey(format, names) },
	}
	c.Flags().StringVarP(&format, "output", "o", "table", "Output format: table, markdown or json")
	return c
}

func (a *app) survey(format string, names []string) error {
	catalogue, err := mesh.Builtin()
	if err != nil {
		return err
	}
	all, err := survey.Tables(catalogue)
	if err != nil {
		return err
	}
	tables, err := survey.Select(all, names)
	if err != nil {
		return &usageError{err}
	}
	switch format {
	case "table":
		return survey.WriteTable(a.streams.Out, tables, term.Detect(a.streams.Out, term.ColorAuto, os.Getenv))
	case "markdown":
		return survey.WriteMarkdown(a.streams.Out, tables)
	case "json":
		return survey.WriteJSON(a.streams.Out, tables)
	default:
		return usagef("-o %s: survey prints table, markdown or json", format)
	}
}
