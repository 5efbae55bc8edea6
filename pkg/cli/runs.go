package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/pkg/journal"
)

func newRuns(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "runs",
		Short: "List the runs that are kept on this machine",
		Long:  "List the runs that are kept below $XDG_STATE_HOME/kubectl-meshbench/runs, the latest first.",
		Args:  wants(cobra.NoArgs),
		RunE:  func(*cobra.Command, []string) error { return a.runs() },
	}
}

func (a *app) runs() error {
	store, err := a.store()
	if err != nil {
		return err
	}
	entries, err := store.List()
	if err != nil {
		return err
	}
	if len(entries) == 0 {
		_, _ = fmt.Fprintf(a.streams.ErrOut, "no runs in %s\n", store.Dir)
		return nil
	}
	table := tabwriter.NewWriter(a.streams.Out, 0, 0, 3, ' ', 0)
	_, _ = fmt.Fprintln(table, "RUN\tBEGUN\tCONTEXT\tEXPERIMENTS\tTRIALS\tSTATE")
	for _, e := range entries {
		var names []string
		for _, x := range e.Plan.Experiments {
			names = append(names, x.Metadata.Name)
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d/%d\t%s\n", e.Plan.RunID, e.Begun.Local().Format("2006-01-02 15:04"), e.Context,
			strings.Join(names, ","), len(e.Trials), e.Planned, state(e))
	}
	return table.Flush()
}

func state(e journal.Entry) string {
	if e.Report != "" {
		return "finished"
	}
	return "unfinished"
}
