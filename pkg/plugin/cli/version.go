package cli

import (
	"cmp"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/pkg/render"
	"github.com/meshbench/kubectl-meshbench/pkg/render/data"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

func newVersion(a *app) *cobra.Command {
	var output outputFlags
	formats := render.AnswerFormats[buildFacts]{render.NewFormat("table", versionText),
		render.NewFormat("json", asJSON[buildFacts]), render.NewFormat("yaml", asYAML[buildFacts])}
	c := &cobra.Command{
		Use:   "version",
		Short: "Print the plugin's version and the worker image it uses",
		Example: `  kubectl meshbench version
  kubectl meshbench version -o json`,
		Args: wants(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			out, err := openAnswer(&output, a.streams.Out, formats)
			if err != nil {
				return err
			}
			defer out.discard()
			return out.write(a.streams.Out, a.facts())
		},
	}
	output.addPlain(c.Flags(), "", formats.Names())
	return c
}

func versionText(out io.Writer, facts buildFacts, _ term.Style) error {
	_, err := fmt.Fprintf(out,
		"kubectl-meshbench %s\ncommit %s\nbuilt with %s for %s\nworker image %s\nframe version %d\n",
		facts.Version, cmp.Or(facts.Commit, "unknown"), facts.Go, facts.Platform,
		cmp.Or(facts.WorkerImage, "none was released with this build: name one with --image"), facts.FrameVersion)
	return err
}

// asJSON writes what has no room of its own in render.
func asJSON[T any](out io.Writer, v T, _ term.Style) error { return data.ValueJSON(out, v) }

func asYAML[T any](out io.Writer, v T, _ term.Style) error { return data.ValueYAML(out, v) }
