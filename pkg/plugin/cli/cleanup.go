package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/meshbench/kubectl-meshbench/pkg/core/arms"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/cluster"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// cleanupFlags say what to clean up.
type cleanupFlags struct {
	run        string
	namespaces []string
	dryRun     string
	timeout    time.Duration
}

func newCleanup(a *app) *cobra.Command {
	var f cleanupFlags
	c := &cobra.Command{
		Use:   "cleanup",
		Short: "Remove what crashed runs left behind",
		Long: `Remove what crashed runs left behind: objects that a run created, in
annotated namespaces. Runs that still go on are passed over, unless one is
named with --run. What carries the label of a run, but was not created by one,
is named and left alone.`,
		Example: `  kubectl meshbench cleanup --dry-run
  kubectl meshbench cleanup --run 261124-153012-a1b2`,
		Args: wants(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return a.cleanup(c.Context(), f) },
	}
	c.Flags().StringVar(&f.run, "run", "", "Only this run, even if it seems to go on")
	c.Flags().StringSliceVar(&f.namespaces, "namespaces", nil, "Look here instead of in all annotated namespaces")
	c.Flags().StringVar(&f.dryRun, "dry-run", dryRunNone,
		"none, client (print what would be removed, and remove nothing) or server (ask the API server, too)")
	c.Flags().Lookup("dry-run").NoOptDefVal = dryRunClient
	c.Flags().DurationVar(&f.timeout, "timeout", time.Minute, "How long to wait for objects to be gone")
	return c
}

// check refuses what no cluster need be asked for.
func (f cleanupFlags) check() error {
	switch {
	case !slices.Contains([]string{dryRunNone, dryRunClient, dryRunServer}, f.dryRun):
		return usagef("--dry-run is %q, want %s, %s or %s", f.dryRun, dryRunNone, dryRunClient, dryRunServer)
	case f.timeout <= 0:
		return usagef("--timeout is %s, want more than 0s", f.timeout)
	case len(validation.IsValidLabelValue(f.run)) > 0:
		return usagef("--run %q is no run's id", f.run)
	}
	return namespaceNames(f.namespaces)
}

// namespaceNames refuses names that no namespace has.
func namespaceNames(names []string) error {
	for _, name := range names {
		if place, err := arms.ParsePlace(name); err != nil || place.Context != "" {
			return usagef("--namespaces: %q is no name of a namespace", name)
		}
	}
	return nil
}

func (a *app) cleanup(ctx context.Context, f cleanupFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	client, err := a.connect()
	if err != nil {
		return err
	}
	namespaces := f.namespaces
	if len(namespaces) == 0 {
		annotated, err := client.AnnotatedNamespaces(ctx)
		if err != nil {
			return fmt.Errorf("%w: name the namespaces with --namespaces", err)
		}
		for _, ns := range annotated {
			namespaces = append(namespaces, ns.Name)
		}
	}
	var found []kube.Object
	for _, namespace := range namespaces {
		objects, err := client.Leftovers(ctx, namespace, f.run)
		if err != nil {
			return err
		}
		found = append(found, objects...)
	}
	found, others := kube.Ours(found)
	for _, o := range others {
		_, _ = fmt.Fprintf(a.streams.ErrOut, "%s: labelled, but not ours (%s): left alone\n", term.Clean(o.String()),
			term.Clean(o.NotOurs))
	}
	dead, alive := byLife(found, time.Now(), f.run)
	for _, id := range alive {
		_, _ = fmt.Fprintf(a.streams.ErrOut, "run %s still goes on; if you know better, remove it with\n  %s\n", id,
			a.say().Plugin("", append([]string{"cleanup", "--run", id}, inNamespaces(f.namespaces)...)...))
	}
	if len(dead) == 0 {
		return a.nothingLeft(ctx, client, f.run, namespaces)
	}
	ctx, stop := context.WithTimeoutCause(ctx, f.timeout, errors.New("not gone in time"))
	defer stop()
	verb := "would remove"
	switch f.dryRun {
	case dryRunServer:
		if err := client.MayDelete(ctx, dead); err != nil {
			return err
		}
	case dryRunNone:
		verb = "removed"
		if err := client.Delete(ctx, dead); err != nil {
			return a.uncleaned(dead[0].RunID, nil, err)
		}
	}
	for _, o := range dead {
		_, _ = fmt.Fprintf(a.streams.Out, "%s %s (run %s)\n", verb, o, o.RunID)
	}
	return nil
}

func inNamespaces(names []string) []string {
	if len(names) == 0 {
		return nil
	}
	return []string{"--namespaces", strings.Join(names, ",")}
}

// nothingLeft says where nothing was found. A run that the journal knows to have
// been elsewhere may still have objects there.
func (a *app) nothingLeft(ctx context.Context, client *cluster.Client, run string, namespaces []string) error {
	where := fmt.Sprintf("in namespaces %s of context %s", strings.Join(namespaces, ", "), client.Context())
	if len(namespaces) == 0 {
		where = fmt.Sprintf("in context %s, where no namespace is annotated", client.Context())
	}
	_, _ = fmt.Fprintf(a.streams.ErrOut, "nothing to clean up %s\n", term.Clean(where))
	if run == "" {
		return nil
	}
	store, err := a.store()
	if err != nil {
		return err
	}
	entry, err := store.Read(run)
	if err != nil {
		return nil // nobody here knows the run
	}
	var lines []string
	for _, arm := range entry.Plan.Arms {
		context := cmp.Or(arm.Context, entry.Context)
		if context == client.Context() && slices.Contains(namespaces, arm.Namespace) {
			continue
		}
		line := "  " + a.say().Plugin(context, "cleanup", "--run", run, "--namespaces", arm.Namespace)
		if context == client.Context() {
			line = "  " + a.say().Plugin("", "cleanup", "--run", run, "--namespaces", arm.Namespace)
		}
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return fmt.Errorf("run %s was in other places, too: look there with\n%s", run, strings.Join(lines, "\n"))
}

// byLife splits objects into those of runs that are over and the ids of runs
// that go on. The run that was named counts as over.
func byLife(objects []kube.Object, now time.Time, named string) (dead []kube.Object, alive []string) {
	lives := map[string]bool{}
	for _, o := range objects {
		lives[o.RunID] = lives[o.RunID] || o.AliveNow(now)
	}
	said := map[string]bool{}
	for _, o := range objects {
		if o.RunID == named || !lives[o.RunID] {
			dead = append(dead, o)
		} else if !said[o.RunID] {
			said[o.RunID] = true
			alive = append(alive, o.RunID)
		}
	}
	return dead, alive
}
