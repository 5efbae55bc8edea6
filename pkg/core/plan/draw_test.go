package plan

import (
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// Arms have the same draws in a round, whatever the attempt; rounds, levels and runs
// have others. Who asks for no draw is told no seed.
func TestArmsHaveTheSameDraws(t *testing.T) {
	seeds := func(seed int64) map[[2]any]map[uint64]bool {
		in := input(t, func(e *v1alpha1.Experiment) {
			e.Spec.Factors.Rate = v1alpha1.Values[v1alpha1.Rate]{100}
			e.Spec.Factors.ErrorRatio = v1alpha1.Values[float64]{0, 0.01, 0.1}
		})
		in.Seed = seed
		p := Make(in)
		all := map[[2]any]map[uint64]bool{}
		for i, trial := range p.Trials {
			told, err := workload.LoadSpec(p.Run, p.Load(trial, 1+i%2, i), 0)
			if err != nil {
				t.Fatal(err)
			}
			if (told.DrawSeed == 0) != (trial.Level.ErrorRatio == 0) {
				t.Errorf("%s has seed %d", trial.Level.ID, told.DrawSeed)
			}
			if told.DrawSeed == 0 {
				continue
			}
			at := [2]any{trial.Round, trial.Level.ID}
			if all[at] == nil {
				all[at] = map[uint64]bool{}
			}
			all[at][told.DrawSeed] = true
		}
		return all
	}
	seen := map[uint64]bool{}
	rounds := 0
	for _, run := range []map[[2]any]map[uint64]bool{seeds(1), seeds(2)} {
		rounds += len(run)
		for at, these := range run {
			if len(these) != 1 {
				t.Errorf("round and level %v have seeds %v, want one for all arms", at, these)
			}
			for seed := range these {
				seen[seed] = true
			}
		}
	}
	if rounds == 0 || len(seen) != rounds {
		t.Errorf("%d seeds for %d levels of rounds", len(seen), rounds)
	}
}
