package cli

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/compare"
	"github.com/meshbench/kubectl-meshbench/pkg/term"
)

func newCompare(a *app) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "compare BEFORE AFTER",
		Short: "Tell what changed between two reports",
		Long: `Tell what changed between two reports, given as runs or files. What is
compared is each arm's ratio to the baseline of its own run, because absolute
figures of two sessions differ for many other reasons.`,
		Example: `  kubectl meshbench compare before.json after.json`,
		Args:    wants(cobra.ExactArgs(2)),
		RunE:    func(_ *cobra.Command, args []string) error { return a.compare(args[0], args[1], format) },
	}
	c.Flags().StringVarP(&format, "output", "o", "table", "table or json")
	return c
}

func (a *app) compare(before, after, format string) error {
	first, err := a.readReport(before)
	if err != nil {
		return err
	}
	second, err := a.readReport(after)
	if err != nil {
		return err
	}
	result := compare.Reports(first, second)
	switch format {
	case "json":
		encoder := json.NewEncoder(a.streams.Out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(result)
	case "table":
		return a.printComparison(result)
	default:
		return usagef("-o %s: want table or json", format)
	}
}

func (a *app) printComparison(r compare.Result) error {
	table := tabwriter.NewWriter(a.streams.Out, 0, 0, 3, ' ', 0)
	_, _ = fmt.Fprintln(table, "EXPERIMENT\tLEVEL\tARM\tMETRIC\tBEFORE\tAFTER\tCHANGE\tVERDICT")
	for _, c := range r.Changes {
		factor := ""
		if c.Factor != nil {
			factor = fmt.Sprintf("x%.3g [%.3g, %.3g]", c.Factor.Value, *c.Factor.Low, *c.Factor.High)
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", term.Clean(c.Experiment), term.Clean(c.Level), term.Clean(c.Arm), c.Metric,
			ratio(c.Before), ratio(c.After), factor, c.Word)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print comparison: %w", err)
	}
	for _, warning := range r.Warnings {
		_, _ = fmt.Fprintf(a.streams.Out, "WARN  %s\n", term.Clean(warning))
	}
	return nil
}

func ratio(e *v1alpha1.Estimate) string {
	if e == nil {
		return "-"
	}
	return fmt.Sprintf("x%.3g", e.Value)
}
