package cli

import (
	"os"

	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/journal"
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
