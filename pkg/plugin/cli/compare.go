package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/pkg/core/compare"
	"github.com/meshbench/kubectl-meshbench/pkg/render"
)

// compareFlags say how two reports are compared.
type compareFlags struct {
	format    string
	gate      bool
	undecided inconclusiveFlag
}

func newCompare(a *app) *cobra.Command {
	var f compareFlags
	c := &cobra.Command{
		Use:   "compare BEFORE AFTER",
		Short: "Tell what changed between two reports",
		Long: `Tell what changed between two reports, given as runs or files. What is
compared is each arm's ratio to the baseline of its own run, because absolute
figures of two sessions differ for many other reasons. Whatever else differs
between the two is said as a warning.

The exit code is 0 whatever changed, unless --gate is given: then it is 3 if
anything is a regression, and 4 if nothing could be decided.`,
		Example: `  kubectl meshbench compare before.json after.json
  kubectl meshbench compare before.json after.json --gate -o markdown`,
		Args: wants(cobra.ExactArgs(2)),
		RunE: func(_ *cobra.Command, args []string) error { return a.compare(args[0], args[1], f) },
	}
	c.Flags().StringVarP(&f.format, "output", "o", "table", strings.Join(render.ComparisonFormats(), ", "))
	c.Flags().BoolVar(&f.gate, "gate", false, "Exit with 3 on a regression, with 4 if nothing could be decided")
	f.undecided.add(c.Flags())
	return c
}

func (a *app) compare(before, after string, f compareFlags) error {
	if !slices.Contains(render.ComparisonFormats(), f.format) {
		return usagef("-o %s: want one of %s", f.format, strings.Join(render.ComparisonFormats(), ", "))
	}
	if err := f.undecided.check(); err != nil {
		return err
	}
	first, err := a.readReport(before)
	if err != nil {
		return err
	}
	second, err := a.readReport(after)
	if err != nil {
		return err
	}
	result := compare.Reports(first, second)
	if err := render.WriteComparison(a.streams.Out, f.format, result); err != nil {
		return fmt.Errorf("print comparison: %w", err)
	}
	if !f.gate {
		return nil
	}
	return f.undecided.allow(a.streams.ErrOut, changed(result))
}

// changed turns a comparison into the error that the exit code is made of.
func changed(r compare.Result) error {
	if n := r.Count(compare.Regression); n > 0 {
		return &breachedError{fmt.Sprintf("%d of %d comparisons are a regression", n, len(r.Changes))}
	}
	if r.Count(compare.Unknown) == len(r.Changes) {
		return &inconclusiveError{"no change could be decided: the warnings say why"}
	}
	return nil
}
