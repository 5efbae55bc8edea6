package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/journal"
	"github.com/meshbench/kubectl-meshbench/pkg/render"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

func newRuns(a *app) *cobra.Command {
	var output outputFlags
	c := &cobra.Command{
		Use:   "runs",
		Short: "List the runs that are kept on this machine",
		Long:  "List the runs that are kept below $XDG_STATE_HOME/kubectl-meshbench/runs, the latest first.",
		Example: `  kubectl meshbench runs
  kubectl meshbench report "$(kubectl meshbench runs -o name | head -n 1)"
  kubectl meshbench runs delete 261124-153012-a1b2`,
		Args: wants(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return a.runs(c.Context(), &output) },
	}
	output.addPlain(c.Flags(), "", runsFormats().Names())
	c.AddCommand(&cobra.Command{
		Use:   "delete RUN...",
		Short: "Delete what is kept of runs, with their reports",
		Args:  wants(cobra.MinimumNArgs(1)),
		RunE:  func(_ *cobra.Command, ids []string) error { return a.deleteRuns(ids) },
	})
	return c
}

// keptRun is a run in the list, as machines read it.
type keptRun struct {
	Run         string    `json:"run"`
	Begun       time.Time `json:"begun"`
	Context     string    `json:"context"`
	Experiments []string  `json:"experiments"`
	// Trials have ended, of those that were planned.
	Trials  int `json:"trials"`
	Planned int `json:"planned"`
	// State is finished if the run has a report, else unfinished.
	State string `json:"state"`
}

// runsFormats are the formats of the list of runs.
func runsFormats() render.AnswerFormats[[]keptRun] {
	return render.AnswerFormats[[]keptRun]{
		render.NewFormat("table", runsTable),
		render.NewFormat("name", func(out io.Writer, list []keptRun, _ term.Style) error {
			for _, r := range list {
				if _, err := fmt.Fprintln(out, r.Run); err != nil {
					return err
				}
			}
			return nil
		}),
		render.NewFormat("json", asJSON[[]keptRun]), render.NewFormat("yaml", asYAML[[]keptRun]),
	}
}

func runsTable(out io.Writer, list []keptRun, _ term.Style) error {
	if len(list) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	_, _ = fmt.Fprintln(table, "RUN\tBEGUN\tCONTEXT\tEXPERIMENTS\tTRIALS\tSTATE")
	for _, r := range list {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d/%d\t%s\n", r.Run, r.Begun.Local().Format("2006-01-02 15:04"),
			term.Clean(r.Context),
			term.Clean(strings.Join(r.Experiments, ",")), r.Trials, r.Planned, r.State)
	}
	return table.Flush()
}

func (a *app) runs(ctx context.Context, output *outputFlags) error {
	out, err := openAnswer(output, a.streams.Out, runsFormats())
	if err != nil {
		return err
	}
	defer out.discard()
	store, err := a.store()
	if err != nil {
		return err
	}
	all, err := store.Counted(ctx)
	if err != nil {
		return err
	}
	list := []keptRun{}
	for _, e := range all.Runs {
		list = append(list, keptRunOf(e))
	}
	for _, err := range all.Unreadable {
		a.warn(err)
	}
	if len(list) == 0 && len(all.Unreadable) == 0 {
		_, _ = fmt.Fprintf(a.streams.ErrOut, "no runs in %s\n", term.Clean(store.Dir))
	}
	return out.write(a.streams.Out, list)
}

func (a *app) deleteRuns(ids []string) error {
	store, err := a.store()
	if err != nil {
		return err
	}
	for _, id := range ids { // a wrong name deletes nothing
		if _, err := store.Read(id); err != nil {
			return &usageError{err}
		}
	}
	for _, id := range ids {
		if err := store.Delete(id); err != nil {
			return &usageError{err}
		}
		_, _ = fmt.Fprintf(a.streams.Out, "deleted run %s\n", id)
	}
	return nil
}

func keptRunOf(e journal.Entry) keptRun {
	r := keptRun{
		Run: e.Plan.RunID, Begun: e.Begun, Context: e.Context, Experiments: []string{},
		Trials: max(e.Ended, len(e.Trials)), Planned: e.Planned, State: "unfinished",
	}
	for _, x := range e.Plan.Experiments {
		r.Experiments = append(r.Experiments, x.Metadata.Name)
	}
	if e.Report != "" {
		r.State = "finished"
	}
	return r
}
