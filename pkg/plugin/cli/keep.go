package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/journal"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/runner"
)

// store is where runs are kept.
func (a *app) store() (journal.Store, error) {
	dir, err := journal.DefaultDir(os.Getenv)
	return journal.Store{Dir: dir}, err
}

// keptReport is the path of a run's report, if there is such a run.
func (a *app) keptReport(id string) (string, bool) {
	store, err := a.store()
	if err != nil {
		return "", false
	}
	entry, err := store.Read(id)
	return entry.Report, err == nil && entry.Report != ""
}

// keeper writes a run's journal. A journal that cannot be written is said once
// and costs no measurement: the report is printed all the same.
type keeper struct {
	journal *journal.Journal
	log     io.Writer
}

func (a *app) keep(open func(journal.Store) (*journal.Journal, error)) (*keeper, error) {
	k := &keeper{log: a.streams.ErrOut}
	store, err := a.store()
	if err == nil {
		k.journal, err = open(store)
	}
	if errors.Is(err, journal.ErrInUse) {
		return nil, err
	}
	if err != nil {
		k.drop(err)
	}
	return k, nil
}

func (k *keeper) drop(err error) {
	_, _ = fmt.Fprintf(k.log, "warning: %v: this run is not kept, only printed\n", err)
	k.close()
	k.journal = nil
}

// observe writes what has been measured, and passes all events on.
func (k *keeper) observe(next func(runner.Event)) func(runner.Event) {
	return func(e runner.Event) {
		if k.journal != nil {
			switch err := k.write(e); {
			case errors.Is(err, journal.ErrLine):
				_, _ = fmt.Fprintf(k.log, "warning: %v: this part of the run is not kept\n", err)
			case err != nil:
				k.drop(err)
			}
		}
		next(e)
	}
}

func (k *keeper) write(e runner.Event) error {
	switch e := e.(type) {
	case runner.TrialDone:
		return k.journal.Trial(e.Result)
	case runner.TrialMetered:
		return k.journal.Resources(e.Trial, e.Resources)
	case runner.IdleMetered:
		return k.journal.Idle(e.Idle)
	default:
		return nil
	}
}

func (k *keeper) finish(r v1alpha1.Report) {
	if k.journal == nil {
		return
	}
	if err := k.journal.Finish(r); err != nil {
		k.drop(err)
	}
}

func (k *keeper) close() {
	if k.journal != nil {
		_ = k.journal.Close() // every trial is on disk already
	}
}
