package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

func newReport(a *app) *cobra.Command {
	var flags outputFlags
	c := &cobra.Command{
		Use:   "report FILE",
		Short: "Render a stored report, without a cluster",
		Example: `  kubectl meshbench exp1 -o table -o json=run.json
  kubectl meshbench report run.json -o wide`,
		Args: wants(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			r, err := a.readReport(args[0])
			if err != nil {
				return err
			}
			out, err := flags.open(a.streams.Out)
			if err != nil {
				return err
			}
			defer out.discard()
			return out.write(a.streams.Out, r)
		},
	}
	flags.add(c.Flags())
	return c
}

func (a *app) readReport(path string) (v1alpha1.Report, error) {
	if path == "-" {
		return report.Read(a.streams.In, "standard input")
	}
	file, err := os.Open(path)
	if err != nil {
		return v1alpha1.Report{}, fmt.Errorf("read report: %w", err)
	}
	defer func() { _ = file.Close() }()
	return report.Read(file, path)
}
