package runner

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

func makeSearch(t *testing.T) plan.Plan {
	t.Helper()
	e, err := experiment.Named("max-rate")
	if err != nil {
		t.Fatal(err)
	}
	if e, err = experiment.Set(e, []string{"search.confirmations=2", "schedule.duration=1s"}); err != nil {
		t.Fatal(err)
	}
	if e, err = experiment.Resolve(e); err != nil {
		t.Fatal(err)
	}
	in := plan.Input{RunID: "r1", Seed: 7, Experiments: []v1alpha1.Experiment{e}, Image: "worker", Arms: []v1alpha1.Arm{
		{Name: "base", Namespace: "ns-base", Role: v1alpha1.RoleBaseline},
		{Name: "mesh", Namespace: "ns-mesh", Role: v1alpha1.RoleMeshed},
	}}
	return plan.Make(in)
}

// limited is a system in which each namespace keeps up to some rate.
func limited(limits map[string]int) func(context.Context, *fake, *corev1.Pod, wire.LoadSpec, int) (io.ReadCloser,
	error) {
	return func(_ context.Context, _ *fake, pod *corev1.Pod, spec wire.LoadSpec, _ int) (io.ReadCloser, error) {
		limit := limits[pod.Namespace]
		n, latency := int(spec.Rate), time.Millisecond
		if n > limit {
			n, latency = limit, 100*time.Millisecond
		}
		if n == 0 {
			n, latency = limit, time.Duration(spec.Connections)*time.Second/time.Duration(limit)
		}
		all := stats.NewHistogram()
		all.RecordMany(latency, int64(n)*int64(spec.Window.Seconds()))
		return closer(encoded(spec.Key, course(spec, startOf(spec), all)...)), nil
	}
}

func ratesOf(trials []v1alpha1.Trial) map[string][]v1alpha1.Rate {
	out := map[string][]v1alpha1.Rate{}
	for _, t := range trials {
		out[t.Arm] = append(out[t.Arm], *t.Rate)
	}
	return out
}

// A search that was cut off anywhere finds what it would have found, by the
// same rates, and no step is done twice.
func TestASearchGoesOnFromItsTrials(t *testing.T) {
	inBubble(t, "search", func(t *testing.T) {
		p := makeSearch(t)
		f := newFake()
		f.log = limited(map[string]int{"ns-base": 900, "ns-mesh": 300})
		whole, err := newRunner(f, nil).Run(t.Context(), p)
		if err != nil || len(f.left()) > 0 {
			t.Fatal(err, f.left())
		}
		for arm, rates := range ratesOf(whole.Trials) {
			if len(rates) < 6 || len(rates) > 15 || rates[0] != 0 {
				t.Errorf("arm %s tries %v", arm, rates)
			}
		}
		for cut := 0; cut < len(whole.Trials); cut += 5 {
			r := newRunner(f, nil)
			r.Resumed, r.Done = true, whole.Trials[:cut]
			again, err := r.Run(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			for arm, rates := range ratesOf(whole.Trials) {
				if got := ratesOf(again.Trials)[arm]; !slices.Equal(got, rates) {
					t.Errorf("cut after %d: arm %s tries %v, without a cut %v", cut, arm, got, rates)
				}
			}
		}
	})
}

// Trials of a search that give no result end it, instead of going on for ever.
func TestASearchWithoutResultsEnds(t *testing.T) {
	inBubble(t, "search", func(t *testing.T) {
		f := newFake()
		f.log = func(_ context.Context, _ *fake, _ *corev1.Pod, spec wire.LoadSpec, _ int) (io.ReadCloser, error) {
			return closer(encoded(spec.Key, hello(spec), failure("no"))), nil
		}
		outcome, err := newRunner(f, nil).Run(t.Context(), makeSearch(t))
		// 3 steps of 3 attempts, in 2 arms.
		if err != nil || len(outcome.Trials) != 18 {
			t.Errorf("%d trials, %v; want 18", len(outcome.Trials), err)
		}
	})
}

// What load pods measured after the plugin died is taken from their logs, if
// all of a trial's pods are there.
func TestTrialsOfSeveralLoadPodsAreHarvested(t *testing.T) {
	inBubble(t, "harvest", func(t *testing.T) {
		p := makePlan(t, 2, 3)
		f := newFake()
		ctx, die := context.WithCancelCause(t.Context())
		before := newRunner(f, func(e Event) {
			if done, ok := e.(TrialDone); ok && done.Index == 2 {
				die(errors.New("killed"))
			}
		})
		before.Keep = true // a plugin that dies removes nothing
		outcome, err := before.Run(ctx, p)
		if err != nil || len(outcome.Trials) != 3 {
			t.Fatalf("%d trials, %v; want 3", len(outcome.Trials), err)
		}
		// One pod of the second trial is gone; the third trial is whole.
		f.vanish("pod", p.Trials[1].Arm.Namespace, "meshbench-r1-load-2-1")
		var begun []string
		after := newRunner(f, func(e Event) {
			if started, ok := e.(TrialStarted); ok {
				begun = append(begun, started.Trial.ID(started.Attempt))
			}
		})
		after.Resumed, after.Done = true, outcome.Trials[:1]
		resumed, err := after.Run(t.Context(), p)
		if err != nil || len(f.left()) > 0 {
			t.Fatal(err, f.left())
		}
		if want := []string{p.Trials[1].ID(1), p.Trials[3].ID(1)}; !slices.Equal(begun, want) {
			t.Errorf("ran %v again, want %v", begun, want)
		}
		for _, trial := range resumed.Trials {
			if trial.Status != v1alpha1.TrialCompleted || len(trial.Pods) != 3 || trial.Load.Requests != 6 {
				t.Errorf("trial %+v", trial)
			}
		}
		if len(resumed.Trials) != 4 {
			t.Errorf("%d trials, want 4", len(resumed.Trials))
		}
	})
}
