package cli

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/preflight"
)

// planInput is all that decides a plan: what the user said, and how the arms'
// meshes want targets addressed and their proxies read. It chooses the run's id,
// and its seed where nobody did.
func planInput(f *runFlags, experiments []v1alpha1.Experiment, arms []v1alpha1.Arm, known meshes) (plan.Input, error) {
	var random [8]byte
	if _, err := rand.Read(random[:]); err != nil {
		return plan.Input{}, fmt.Errorf("choose a run id: %w", err)
	}
	now := time.Now()
	seed := f.seed
	if !f.set.Changed("seed") {
		// Short enough to be typed again.
		seed = int64(binary.BigEndian.Uint32(random[:4]))
		if first := experiments[0].Spec.Schedule.Seed; first != nil {
			seed = *first
		}
	}
	for i := range experiments {
		experiments[i].Spec.Schedule.Seed = &seed
	}
	return plan.Input{
		RunID:       now.UTC().Format("060102-150405-") + hex.EncodeToString(random[6:]),
		Seed:        seed,
		Experiments: experiments,
		Arms:        arms,
		Image:       f.image,
		PullPolicy:  f.pullPolicy,
		PullSecrets: f.pullSecrets,
		Addressing:  preflight.Addressing(known.catalogue, arms),
		Counters:    preflight.Counters(known.catalogue, arms),
		Idle:        f.meter.idleWindow(),
		Now:         now,
	}, nil
}
