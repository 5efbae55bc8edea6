package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/trend"
	"github.com/meshbench/kubectl-meshbench/pkg/render"
)

// trendFlags say what is followed, as typed.
type trendFlags struct {
	output               outputFlags
	minChange, reference string
	gate                 bool
	undecided            inconclusiveFlag
}

func newTrend(a *app) *cobra.Command {
	var f trendFlags
	c := &cobra.Command{
		Use:   "trend [RUN|FILE|DIR...]",
		Short: "Follow what a mesh costs over many runs",
		Long: `Follow what a mesh costs over many runs: each session's ratio to its own baseline,
by date, with the versions of the mesh, and where its level changed. Without
arguments it takes all finished runs that are kept here, of a directory all reports
in it. Only runs with the same settings make a line.

A change of level is looked for in lines of ten sessions or more, by a permutation
test; of trends of steady systems, 5 % show any. A loss that creeps is in no change
of level: --reference holds the newest sessions against a run of your choice.

The exit code is 0 whatever changed, unless --gate is given: then it is 3 if a line
became worse by more than --min-change, else 4 if no line could be judged.`,
		Example: `  kubectl meshbench trend
  kubectl meshbench trend reports/ -o table -o html=trend.html
  kubectl meshbench trend reports/ --reference 261124-153012-a1b2 --gate`,
		RunE: func(c *cobra.Command, args []string) error { return a.trend(c.Context(), args, f) },
	}
	f.output.addFormats(c.Flags(), "", render.Trends().Names())
	c.Flags().StringVar(&f.minChange, "min-change", "5%", "The least change that matters, at least 0.1%")
	c.Flags().StringVar(&f.reference, "reference", "", "The run that the newest sessions are held against")
	c.Flags().BoolVar(&f.gate, "gate", false, "Exit with 3 if a line became worse, with 4 if none can be judged")
	f.undecided.add(c.Flags())
	return c
}

func (a *app) trend(ctx context.Context, args []string, f trendFlags) error {
	if err := f.undecided.check(); err != nil {
		return err
	}
	least, err := parseMinChange(f.minChange)
	if err != nil {
		return err
	}
	out, err := openAnswer(&f.output, a.streams.Out, render.Trends())
	if err != nil {
		return err
	}
	defer out.discard()
	reports, err := a.manyReports(ctx, args)
	if err != nil {
		return err
	}
	result := trend.Of(reports, trend.Options{MinChange: least, Reference: f.reference})
	if len(result.Lines) == 0 {
		return &inconclusiveError{"the reports hold no ratio of a meshed arm: " + strings.Join(result.Warnings, "; ")}
	}
	if err := out.write(a.streams.Out, result); err != nil {
		return err
	}
	if !f.gate {
		return nil
	}
	return f.undecided.allow(a.streams.ErrOut, gated(result))
}

// gated turns a trend into the error that the exit code is made of.
func gated(r trend.Result) error {
	if n := r.Count(trend.Worse); n > 0 {
		return &breachedError{fmt.Sprintf("%d of %d lines became worse", n, len(r.Lines))}
	}
	if r.Count(trend.Unknown) == len(r.Lines) {
		return &inconclusiveError{"no line could be judged: " + r.Lines[0].Reason}
	}
	return nil
}

// manyReports reads runs, files and directories of reports; without any, the
// finished runs that are kept here.
func (a *app) manyReports(ctx context.Context, args []string) ([]v1alpha1.Report, error) {
	names, err := a.reportNames(ctx, args)
	if err != nil {
		return nil, err
	}
	var all []v1alpha1.Report
	for _, name := range names {
		r, err := a.readReport(name)
		if err != nil {
			return nil, err
		}
		// Cells hold all that is put together; raw histograms of many runs are much memory.
		r.Trials, r.Idle, r.IdleWindows = nil, nil, nil
		all = append(all, r)
	}
	return all, nil
}

func (a *app) reportNames(ctx context.Context, args []string) ([]string, error) {
	var names []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil || !info.IsDir() {
			names = append(names, arg)
			continue
		}
		found, err := reportsIn(arg)
		if err != nil {
			return nil, err
		}
		names = append(names, found...)
	}
	if len(args) > 0 {
		return names, nil
	}
	store, err := a.store()
	if err != nil {
		return nil, err
	}
	all, err := store.Heads(ctx)
	if err != nil {
		return nil, err
	}
	for _, err := range all.Unreadable {
		a.warn(err)
	}
	for _, e := range all.Runs {
		if e.Report != "" {
			names = append(names, e.Plan.RunID)
		}
	}
	if len(names) == 0 {
		return nil, usagef("no finished run is kept here: name runs, files or a directory of reports")
	}
	return names, nil
}

// reportsIn are the files of a directory that may be reports, by name.
func reportsIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read reports: %w", err)
	}
	var names []string
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".gz")
		if !e.IsDir() && slices.Contains([]string{".json", ".yaml", ".yml", ".html"}, filepath.Ext(name)) {
			names = append(names, filepath.Join(dir, e.Name()))
		}
	}
	if len(names) == 0 {
		return nil, usagef("%s holds no report (.json, .yaml or .html, or one of them with .gz)", dir)
	}
	return names, nil
}
