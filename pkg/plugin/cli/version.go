package cli

import (
	"cmp"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"
)

func newVersion(a *app) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "version",
		Short: "Print the plugin's version and the worker image it uses",
		Example: `  kubectl meshbench version
  kubectl meshbench version -o json`,
		Args: wants(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			facts := factsOf(a.version)
			if format != "" {
				return a.printAs(format, facts)
			}
			_, err := fmt.Fprintf(a.streams.Out,
				"kubectl-meshbench %s\ncommit %s\nbuilt with %s for %s\nworker image %s\nframe version %d\n",
				facts.Version, cmp.Or(facts.Commit, "unknown"), facts.Go, facts.Platform,
				cmp.Or(facts.WorkerImage, "none was released with this build: name one with --image"), facts.FrameVersion)
			return err
		},
	}
	c.Flags().StringVarP(&format, "output", "o", "", "Output format: json or yaml")
	return c
}

// printAs prints a value for machines.
func (a *app) printAs(format string, value any) error {
	out, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("print as %s: %w", format, err)
	}
	switch format {
	case "json":
		out = append(out, '\n')
	case "yaml":
		if out, err = yaml.JSONToYAML(out); err != nil {
			return fmt.Errorf("print as %s: %w", format, err)
		}
	default:
		return usagef("-o %s: want json or yaml", format)
	}
	_, err = a.streams.Out.Write(out)
	return err
}
