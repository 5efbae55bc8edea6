package session

import (
	"errors"
	"fmt"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/journal"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/runner"
)

// keeper writes a run's journal. A journal that cannot be written is said once
// and costs no measurement: the report is printed all the same.
type keeper struct {
	journal *journal.Journal
	warn    func(error)
}

// keep opens the journal, unless another process writes to it.
func (s *Session) keep(o Options, begun time.Time) (*keeper, error) {
	k := &keeper{warn: o.Warn}
	if o.Store.Dir == "" {
		return k, nil
	}
	var err error
	if s.before != nil {
		k.journal, err = o.Store.Append(s.plan.Run.ID)
	} else {
		k.journal, err = o.Store.Create(journal.Header{Context: s.clusters.Own(), Plan: s.input, Planned: s.plan.Total(),
			Begun: begun})
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
	k.warn(fmt.Errorf("%w: this run is not kept, only printed", err))
	k.close()
	k.journal = nil
}

// observe writes what has been measured, and passes all events on.
func (k *keeper) observe(next func(runner.Event)) func(runner.Event) {
	return func(e runner.Event) {
		if k.journal != nil {
			switch err := k.write(e); {
			case errors.Is(err, journal.ErrLine):
				k.warn(fmt.Errorf("%w: this part of the run is not kept", err))
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
	case runner.TrialVoided:
		return k.journal.Void(e.Trial, e.Reason)
	case runner.TargetReplaced:
		return k.journal.Replaced(e.Arm, e.Replaced)
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
