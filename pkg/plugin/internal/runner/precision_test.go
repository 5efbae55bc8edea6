package runner

import (
	"context"
	"hash/fnv"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/core/precision"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// precise is a plan of two experiments, the first of which is to be precise.
func precise(t *testing.T, share float64) plan.Plan {
	t.Helper()
	var all []v1alpha1.Experiment
	for _, name := range []string{"exp1", "exp4"} {
		e, err := experiment.Named(name)
		if err != nil {
			t.Fatal(err)
		}
		e.Spec.Schedule.Duration.Duration = 1e9
		if name == "exp1" {
			e.Spec.Schedule.Precision = share
		} else {
			e.Spec.Schedule.Rounds = 1
		}
		if e, err = experiment.Resolve(e); err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return plan.Make(plan.Input{RunID: "r1", Seed: 7, Experiments: all, Image: "worker", Arms: []v1alpha1.Arm{
		{Name: "base", Namespace: "ns-base", Role: v1alpha1.RoleBaseline},
		{Name: "mesh", Namespace: "ns-mesh", Role: v1alpha1.RoleMeshed},
	}})
}

// noisySystem is one whose throughput varies by a share from trial to trial.
func noisySystem(share float64) func(context.Context, *fake, *corev1.Pod, wire.LoadSpec, int) (io.ReadCloser, error) {
	return func(ctx context.Context, f *fake, pod *corev1.Pod, spec wire.LoadSpec, n int) (io.ReadCloser, error) {
		h := fnv.New64a()
		_, _ = h.Write([]byte(spec.Trial))
		noise := math.Exp(share * rand.New(rand.NewPCG(h.Sum64(), 9)).NormFloat64())
		return limited(map[string]int{pod.Namespace: int(1000 * noise)})(ctx, f, pod, spec, n)
	}
}

func roundsOf(trials []v1alpha1.Trial, experiment string) int {
	most := 0
	for _, t := range trials {
		if t.Experiment == experiment {
			most = max(most, t.Round)
		}
	}
	return most
}

// As many rounds are run as the first ones ask for, in whole blocks, and a run that
// was cut off anywhere runs as many.
func TestRoundsAreAddedUntilARunIsPrecise(t *testing.T) {
	for name, c := range map[string]struct {
		share, noise float64
		least, most  int
	}{
		"precise from the start": {0.5, 0.02, 6, 6},
		"more":                   {0.05, 0.05, 7, 29},
		"capped":                 {0.01, 0.2, 30, 30},
	} {
		inBubble(t, name, func(t *testing.T) {
			p, f := precise(t, c.share), newFake()
			f.log = noisySystem(c.noise)
			settled := 0
			whole, err := newRunner(f, func(e Event) {
				if _, ok := e.(Settled); ok {
					settled++
				}
			}).Run(t.Context(), p)
			if err != nil || len(f.left()) > 0 {
				t.Fatal(err, f.left())
			}
			n := roundsOf(whole.Trials, "exp1")
			state := precision.State(p.Experiments[0], p.Arms, whole.Trials)
			if n < c.least || n > c.most || n != state.PlannedRounds || state.Capped != (c.noise > 0.1) {
				t.Errorf("%d rounds, want %d to %d and what is planned: %+v", n, c.least, c.most, state)
			}
			if len(whole.Trials) != 2*n+2 || len(whole.Planned) != 2*n+2 || roundsOf(whole.Trials, "exp4") != 1 {
				t.Errorf("%d trials, %d planned, want all arms of %d rounds and of the other experiment", len(whole.Trials),
					len(whole.Planned), n)
			}
			if settled == 0 {
				t.Error("nobody was told how precise it is")
			}
			for cut := 0; cut < len(whole.Trials); cut += 7 {
				r := newRunner(f, nil)
				r.Resumed, r.Done = true, slices.Clone(whole.Trials[:cut])
				again, err := r.Run(t.Context(), p)
				if err != nil || roundsOf(again.Trials, "exp1") != n || len(again.Trials) != len(whole.Trials) {
					t.Errorf("cut after %d: %d trials of %d rounds, %v; want %d of %d", cut, len(again.Trials),
						roundsOf(again.Trials, "exp1"), err, len(whole.Trials), n)
				}
			}
		})
	}
}
