package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/pkg/core/gate"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

func newReport(a *app) *cobra.Command {
	var flags outputFlags
	var slos []string
	var undecided inconclusiveFlag
	c := &cobra.Command{
		Use:   "report RUN|FILE...",
		Short: "Render a stored report, or several as one, without a cluster",
		Long: `Render a stored report, without a cluster. Several reports of one experiment are put
together (-o table, json or yaml): the session is what is repeated then, and not the
round. Fewer than four sessions are shown without a verdict.`,
		Example: `  kubectl meshbench runs
  kubectl meshbench report 261124-153012-a1b2 -o markdown
  kubectl meshbench exp1 -o table -o json=run.json
  kubectl meshbench report run.json.gz -o wide
  kubectl meshbench report page.html -o csv
  kubectl meshbench report mon.json tue.json wed.json thu.json`,
		Args: wants(cobra.MinimumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := undecided.check(); err != nil {
				return err
			}
			if len(args) > 1 {
				return a.pool(c.Context(), args, flags, slos)
			}
			objectives, err := parseSLOs(slos)
			if err != nil {
				return err
			}
			out, err := flags.open(a.streams.Out)
			if err != nil {
				return err
			}
			defer out.discard()
			r, err := a.readReport(args[0])
			if err != nil {
				return err
			}
			if len(objectives) == 0 {
				return out.write(a.streams.Out, r)
			}
			if r.Verdicts, err = gate.Evaluate(r, objectives); err != nil {
				return err
			}
			if err := out.write(a.streams.Out, r); err != nil {
				return err
			}
			return undecided.allow(a.streams.ErrOut, verdict(r))
		},
	}
	c.Flags().StringArrayVar(&slos, "slo", nil,
		"Hold the report to this objective, any number of times: 'p99 < 20ms'. Metrics: "+metric.Objectives())
	undecided.add(c.Flags())
	flags.add(c.Flags())
	return c
}

// readReport reads a report from a file or of a run that is kept here, without the
// figures that cannot be.
func (a *app) readReport(path string) (v1alpha1.Report, error) {
	if path == "-" {
		r, err := report.Read(a.streams.In, "standard input")
		return analyse.Distrust(r), err
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		if kept, ok := a.keptReport(path); ok {
			path = kept
			file, err = os.Open(path)
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return v1alpha1.Report{},
			usagef("%s is neither a file nor a run that is kept here: 'kubectl meshbench runs' lists those", path)
	}
	if err != nil {
		return v1alpha1.Report{}, fmt.Errorf("read report: %w", err)
	}
	defer func() { _ = file.Close() }()
	r, err := report.Read(file, path)
	return analyse.Distrust(r), err
}
