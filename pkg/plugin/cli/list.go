package cli

import (
	"bytes"
	"fmt"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
)

func newList(a *app) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "list [NAME...]",
		Short: "List the built-in experiments, or print their documents",
		Example: `  kubectl meshbench list
  kubectl meshbench list exp1 -o yaml > mine.yaml`,
		RunE: func(_ *cobra.Command, names []string) error { return a.list(names, format) },
	}
	c.Flags().StringVarP(&format, "output", "o", "table", "Output format: table, name or yaml")
	return c
}

func (a *app) list(names []string, format string) error {
	docs, err := experiment.Builtin()
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := experiment.Named(name); err != nil {
			return &usageError{err}
		}
	}
	var chosen []experiment.Document
	for _, d := range docs {
		if len(names) == 0 || slices.Contains(names, d.Experiment.Metadata.Name) {
			chosen = append(chosen, d)
		}
	}
	switch format {
	case "yaml":
		for i, d := range chosen {
			if i > 0 {
				_, _ = fmt.Fprintln(a.streams.Out, "---")
			}
			if _, err := bytes.NewReader(d.YAML).WriteTo(a.streams.Out); err != nil {
				return fmt.Errorf("print experiments: %w", err)
			}
		}
		return nil
	case "name":
		for _, d := range chosen {
			_, _ = fmt.Fprintln(a.streams.Out, d.Experiment.Metadata.Name)
		}
		return nil
	case "table":
		table := tabwriter.NewWriter(a.streams.Out, 0, 0, 3, ' ', 0)
		_, _ = fmt.Fprintln(table, "NAME\tLEVELS\tQUESTION")
		for _, d := range chosen {
			resolved, err := experiment.Resolve(d.Experiment)
			if err != nil {
				return err
			}
			_, _ = fmt.Fprintf(table, "%s\t%d\t%s\n", d.Experiment.Metadata.Name, len(experiment.Levels(resolved)),
				d.Experiment.Spec.Question)
		}
		return table.Flush()
	default:
		return usagef("-o %s: want table, name or yaml", format)
	}
}
