package session

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/arms"
	"github.com/meshbench/kubectl-meshbench/pkg/core/command"
	"github.com/meshbench/kubectl-meshbench/pkg/core/disturb"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/gate"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// Request is a run as somebody wants it.
type Request struct {
	// Experiments are resolved.
	Experiments []v1alpha1.Experiment
	// Choice is what was said about namespaces; whether meshed ones are needed
	// follows from the experiments.
	Choice arms.Choice
	// Objectives are what meshed arms are held to.
	Objectives []gate.SLO
	// Seed decides the order of trials; nil for the experiments', or one at random.
	Seed       *int64
	Image      string
	PullPolicy string
	// Idle is the length of the window without load; zero for none.
	Idle time.Duration
	// ScaleUp is how long a node that is on its way is waited for; zero for the
	// plan's default.
	ScaleUp time.Duration
	// Allow is what may be done to a Service of the user's.
	Allow Allowances
	// Say writes the commands that are printed.
	Say command.Lines
}

// InvalidError says that a request makes no run; nothing was created.
type InvalidError struct{ Err error }

func (e *InvalidError) Error() string { return e.Err.Error() }
func (e *InvalidError) Unwrap() error { return e.Err }

func invalid(format string, args ...any) error { return &InvalidError{fmt.Errorf(format, args...)} }

// Validate refuses experiments that cannot share a run, because its targets
// serve all of them, and objectives that nothing would be held to.
func (r Request) Validate() error {
	first := r.Experiments[0]
	for i, e := range r.Experiments {
		for _, other := range r.Experiments[:i] {
			if e.Metadata.Name == other.Metadata.Name { // --set may have renamed one
				return invalid("experiment %s is given twice: run them one after the other", e.Metadata.Name)
			}
		}
	}
	for _, e := range r.Experiments[1:] {
		if targetOf(e) != targetOf(first) {
			return invalid("experiments %s and %s want different targets (spec.target, spec.nodes.target, spec.pods), "+
				"but a run has one for each arm: run them one after the other", first.Metadata.Name, e.Metadata.Name)
		}
	}
	if !disturb.Agree(r.Experiments) {
		return invalid("the experiments want targets that end in different ways (spec.disturbance: killed at once, or " +
			"drained for so long), but a run has one kind: run them one after the other")
	}
	for _, e := range r.Experiments {
		if e.Spec.Search == nil && e.Spec.Arms != v1alpha1.ArmsBaseline {
			return nil
		}
	}
	if len(r.Objectives) > 0 {
		return invalid("--slo: no experiment of this run compares arms at a given load, so nothing would be held to it; " +
			"the objective of a search is --set 'search.slo=...'")
	}
	return nil
}

func targetOf(e v1alpha1.Experiment) string {
	node := ""
	if e.Spec.Nodes != nil {
		node = e.Spec.Nodes.Target
	}
	t := e.Spec.Target
	pods, _ := json.Marshal(e.Spec.Pods) // texts and quantities only: it cannot fail
	service, _ := json.Marshal(t.Service)
	return fmt.Sprint(t.CPURequest, t.CPULimit, t.Memory, node, string(pods), string(service))
}

// knows refuses pods of arms that do not take part: a mistyped name would leave
// an arm without what its mesh wants.
func (r Request) knows(found []v1alpha1.Arm) error {
	var names []string
	for _, arm := range found {
		names = append(names, arm.Name)
	}
	for _, e := range r.Experiments {
		if e.Spec.Pods == nil {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(e.Spec.Pods.Arms)) {
			if !slices.Contains(names, name) {
				return invalid("spec.pods.arms names %q, and the arms of this run are %s", name, strings.Join(names, ", "))
			}
		}
	}
	return nil
}

// choice is who takes part, by the names that the run's cluster goes by.
func (r Request) choice(at *Clusters) arms.Choice {
	c := r.Choice.From(at.Own())
	c.BaselineOnly = experiment.BaselineOnly(r.Experiments)
	return c
}

// input is all that decides a plan. It chooses the run's id, and its seed where
// nobody did.
func (r Request) input(found []v1alpha1.Arm, known meshes) (plan.Input, error) {
	var random [8]byte
	if _, err := rand.Read(random[:]); err != nil {
		return plan.Input{}, fmt.Errorf("choose a run id: %w", err)
	}
	key, err := wire.NewKey(rand.Reader)
	if err != nil {
		return plan.Input{}, err
	}
	now := time.Now()
	seed := int64(binary.BigEndian.Uint32(random[:4])) // short enough to be typed again
	switch {
	case r.Seed != nil:
		seed = *r.Seed
	case r.Experiments[0].Spec.Schedule.Seed != nil:
		seed = *r.Experiments[0].Spec.Schedule.Seed
	}
	for i := range r.Experiments {
		r.Experiments[i].Spec.Schedule.Seed = &seed
	}
	return plan.Input{
		RunID:       now.UTC().Format("060102-150405-") + hex.EncodeToString(random[6:]),
		Key:         key,
		Seed:        seed,
		Experiments: r.Experiments,
		Arms:        found,
		Image:       r.Image,
		PullPolicy:  r.PullPolicy,
		Addressing:  arms.Addressing(known.catalogue, found),
		Counters:    arms.Counters(known.catalogue, found),
		Idle:        r.Idle,
		ScaleUp:     r.ScaleUp,
		Now:         now,
	}, nil
}

// planFor plans for arms as their meshes want them addressed. A mesh that
// cannot be recognised is for its own check to tell, and its Service a plain one.
func (r Request) planFor(ctx context.Context, at *Clusters, found []v1alpha1.Arm) (*Session, error) {
	recognised, known, err := r.recognise(ctx, at, found)
	if err == nil {
		found = recognised
	}
	return r.prepare(ctx, at, found, known)
}
