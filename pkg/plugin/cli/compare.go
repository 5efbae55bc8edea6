package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/compare"
	"github.com/meshbench/kubectl-meshbench/pkg/render"
)

// compareFlags say how two reports are compared.
type compareFlags struct {
	output    outputFlags
	gate      bool
	undecided inconclusiveFlag
	// minChange is a percentage as typed; before and after are more reports of each side.
	minChange     string
	before, after []string
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

A change is a regression or an improvement if its whole interval lies beyond
--min-change, equivalent if it lies within, and else undecided. All changes are
judged together, so that more of them raise no more false alarms. With several
reports on a side (--before, --after) reports are what is repeated, not rounds.

The exit code is 0 whatever changed, unless --gate is given: then it is 3 if
anything is a regression; else 4 if a report forbids to judge (a mesh that was not
in the path, a generator at its limit, more than 1 % failures, a copied result)
or if what a level asks first is undecided: the throughput of a closed loop, the
median of a schedule.`,
		Example: `  kubectl meshbench compare before.json after.json
  kubectl meshbench compare before.json after.json --gate -o markdown -o junit=compare.xml
  kubectl meshbench compare mon.json thu.json --before tue.json,wed.json --after fri.json,sat.json`,
		Args: wants(cobra.ExactArgs(2)),
		RunE: func(_ *cobra.Command, args []string) error { return a.compare(args[0], args[1], f) },
	}
	f.output.addFormats(c.Flags(), "", render.Comparisons().Names())
	c.Flags().BoolVar(&f.gate, "gate", false, "Exit with 3 on a regression, with 4 if it cannot be told")
	c.Flags().StringVar(&f.minChange, "min-change", "5%", "The least change that matters, at least 0.1%")
	c.Flags().StringSliceVar(&f.before, "before", nil, "More reports of the side before")
	c.Flags().StringSliceVar(&f.after, "after", nil, "More reports of the side after")
	f.undecided.add(c.Flags())
	return c
}

func (a *app) compare(before, after string, f compareFlags) error {
	if err := f.undecided.check(); err != nil {
		return err
	}
	least, err := parseMinChange(f.minChange)
	if err != nil {
		return err
	}
	out, err := openAnswer(&f.output, a.streams.Out, render.Comparisons())
	if err != nil {
		return err
	}
	defer out.discard()
	first, err := a.readReports(append([]string{before}, f.before...))
	if err != nil {
		return err
	}
	second, err := a.readReports(append([]string{after}, f.after...))
	if err != nil {
		return err
	}
	result := compare.Sides(first, second, least)
	if err := out.write(a.streams.Out, result); err != nil {
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
	if why := r.Undecided(); why != "" {
		return &inconclusiveError{why}
	}
	return nil
}

// parseMinChange is the least relevant change as a share. No histogram tells less
// than 0.1 %.
func parseMinChange(text string) (float64, error) {
	share, err := parsePercent(text)
	if err != nil || !(share >= 0.001 && share <= 1) {
		return 0, usagef("--min-change is %q, want a percentage from 0.1%% to 100%%, such as 5%%", text)
	}
	return share, nil
}

// parsePercent reads a percentage as a share.
func parsePercent(text string) (float64, error) {
	number, isPercent := strings.CutSuffix(strings.TrimSpace(text), "%")
	percent, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || !isPercent {
		return 0, fmt.Errorf("%q is no percentage", text)
	}
	return percent / 100, nil
}

// readReports reads the reports of a side.
func (a *app) readReports(names []string) ([]v1alpha1.Report, error) {
	var all []v1alpha1.Report
	for _, name := range names {
		r, err := a.readReport(name)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}
