package cli

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/render"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

func newList(a *app) *cobra.Command {
	var output outputFlags
	c := &cobra.Command{
		Use:   "list [NAME...]",
		Short: "List the built-in experiments, or print their documents",
		Example: `  kubectl meshbench list
  kubectl meshbench list exp1 -o yaml > mine.yaml`,
		RunE: func(_ *cobra.Command, names []string) error { return a.list(names, &output) },
	}
	output.addPlain(c.Flags(), "", listFormats().Names())
	return c
}

// listFormats are the formats of documents.
func listFormats() render.AnswerFormats[[]experiment.Document] {
	return render.AnswerFormats[[]experiment.Document]{
		render.NewFormat("table", documentTable),
		render.NewFormat("name", func(out io.Writer, all []experiment.Document, _ term.Style) error {
			for _, d := range all {
				if _, err := fmt.Fprintln(out, d.Experiment.Metadata.Name); err != nil {
					return err
				}
			}
			return nil
		}),
		render.NewFormat("yaml", func(out io.Writer, all []experiment.Document, _ term.Style) error {
			var texts [][]byte
			for _, d := range all {
				texts = append(texts, d.YAML)
			}
			_, err := out.Write(bytes.Join(texts, []byte("---\n")))
			return err
		}),
	}
}

func documentTable(out io.Writer, all []experiment.Document, _ term.Style) error {
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	_, _ = fmt.Fprintln(table, "NAME\tLEVELS\tQUESTION")
	for _, d := range all {
		resolved, err := experiment.Resolve(d.Experiment)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(table, "%s\t%d\t%s\n", d.Experiment.Metadata.Name, len(experiment.Levels(resolved)),
			d.Experiment.Spec.Question)
	}
	return table.Flush()
}

func (a *app) list(names []string, output *outputFlags) error {
	docs, err := experiment.Builtin()
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := experiment.Named(name); err != nil {
			return &usageError{err}
		}
	}
	out, err := openAnswer(output, a.streams.Out, listFormats())
	if err != nil {
		return err
	}
	defer out.discard()
	var chosen []experiment.Document
	for _, d := range docs {
		if len(names) == 0 || slices.Contains(names, d.Experiment.Metadata.Name) {
			chosen = append(chosen, d)
		}
	}
	return out.write(a.streams.Out, chosen)
}
