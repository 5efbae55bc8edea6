package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

func makePlan(t *testing.T, rounds, clients int) plan.Plan {
	t.Helper()
	e, err := experiment.Named("exp1")
	if err != nil {
		t.Fatal(err)
	}
	e.Spec.Schedule.Rounds = rounds
	e.Spec.Factors.Clients = v1alpha1.Values[int]{clients}
	if e, err = experiment.Resolve(e); err != nil {
		t.Fatal(err)
	}
	return plan.Make(plan.Input{
		RunID: "r1", Seed: 7, Experiments: []v1alpha1.Experiment{e}, Image: "example.org:5000/worker:old@sha256:00",
		Arms: []v1alpha1.Arm{
			{Name: "base", Namespace: "ns-base", Role: v1alpha1.RoleBaseline},
			{Name: "mesh", Namespace: "ns-mesh", Role: v1alpha1.RoleMeshed},
		},
	})
}

// inBubble runs a test where time passes at once when everyone waits.
func inBubble(t *testing.T, name string, test func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

func newRunner(f *fake, notify func(Event)) *Runner {
	if notify == nil {
		notify = func(Event) {}
	}
	return &Runner{Cluster: f, Version: release, Notify: notify}
}

// others are objects that no run may touch.
func others(f *fake) []string {
	for _, o := range []*corev1.Pod{
		{ObjectMeta: metav1.ObjectMeta{Namespace: "ns-mesh", Name: "shop", UID: "a"}},
		{ObjectMeta: metav1.ObjectMeta{Namespace: "ns-mesh", Name: "meshbench-r2-target", UID: "b",
			Labels: map[string]string{v1alpha1.LabelRunID: "r2"}}},
		{ObjectMeta: metav1.ObjectMeta{Namespace: "elsewhere", Name: "x", UID: "c",
			Labels: map[string]string{v1alpha1.LabelRunID: "r1"}}},
	} {
		f.stored[key("pod", o.Namespace, o.Name)] = o
	}
	return f.left()
}

func TestWholeRun(t *testing.T) {
	inBubble(t, "2 arms, 4 rounds", func(t *testing.T) {
		f := newFake()
		before := others(f)
		var events []string
		outcome, err := newRunner(f, func(e Event) { events = append(events, fmt.Sprintf("%T", e)) }).Run(t.Context(),
			makePlan(t, 4, 1))
		if err != nil || outcome.Cleanup != nil || outcome.Interrupted {
			t.Fatalf("error %v, clean-up %v, interrupted %v", err, outcome.Cleanup, outcome.Interrupted)
		}
		if len(outcome.Trials) != 8 {
			t.Fatalf("%d trials, want 8", len(outcome.Trials))
		}
		for _, trial := range outcome.Trials {
			if trial.Status != v1alpha1.TrialCompleted || trial.Load.Requests != 2 || len(trial.Series) != 30 ||
				len(trial.Pods) != 1 {
				t.Errorf("trial %+v", trial)
			}
		}
		for _, arm := range outcome.Arms {
			if arm.Target == nil || arm.Target.Node != "node-1" {
				t.Errorf("arm %s has target %+v", arm.Name, arm.Target)
			}
		}
		if outcome.Nodes[NodeKey{Name: "node-1"}].Kernel != "6.1" {
			t.Errorf("nodes %+v", outcome.Nodes)
		}
		if left := f.left(); !slices.Equal(left, before) {
			t.Errorf("afterwards there is %v, want %v", left, before)
		}
		want := append([]string{"runner.Deploying", "runner.TargetReady", "runner.TargetReady"},
			slices.Repeat(slices.Concat([]string{"runner.TrialStarted", "runner.WorkerSpoke", "runner.WorkerSpoke"},
				slices.Repeat([]string{"runner.TrialSecond"}, 30), []string{"runner.TrialDone"}), 8)...)
		if want = append(want, "runner.CleaningUp", "runner.CleanedUp"); !slices.Equal(events, want) {
			t.Errorf("events %v, want %v", events, want)
		}
		checkOrder(t, f.calls)
	})
}

// checkOrder wants owner, service and target of each arm, then load pods one
// after the other, each gone before the next.
func checkOrder(t *testing.T, calls []string) {
	t.Helper()
	var want []string
	for _, ns := range []string{"ns-base", "ns-mesh"} {
		want = append(want, "apply configmap "+ns+"/meshbench-r1-owner", "apply service "+ns+"/meshbench-r1-target",
			"apply pod "+ns+"/meshbench-r1-target")
	}
	if len(calls) < 30 || !slices.Equal(calls[:6], want) {
		t.Fatalf("the first calls are %v, want %v", calls, want)
	}
	for i := range 8 {
		load := calls[6+3*i : 9+3*i]
		_, pod, _ := strings.Cut(load[0], "apply pod ")
		if !strings.HasSuffix(pod, fmt.Sprintf("load-%d-0", i+1)) || load[1] != "log "+pod || load[2] != "delete pod "+pod {
			t.Errorf("trial %d makes calls %v", i+1, load)
		}
	}
}

func TestInterruptKeepsWhatWasMeasured(t *testing.T) {
	inBubble(t, "mid-trial", func(t *testing.T) {
		f := newFake()
		ctx, interrupt := context.WithCancelCause(t.Context())
		f.log = func(ctx context.Context, _ *fake, pod *corev1.Pod, spec wire.LoadSpec, _ int) (io.ReadCloser, error) {
			if strings.HasSuffix(pod.Name, "load-3-0") {
				time.AfterFunc(time.Second, func() { interrupt(errors.New("Ctrl-C")) })
				return endless{ctx, closer(encoded(spec.Key, hello(spec), started(spec), second(0)))}, nil
			}
			return whole(spec), nil
		}
		outcome, err := newRunner(f, nil).Run(ctx, makePlan(t, 4, 1))
		if err != nil || !outcome.Interrupted || outcome.Cleanup != nil {
			t.Errorf("error %v, interrupted %v, clean-up %v", err, outcome.Interrupted, outcome.Cleanup)
		}
		if len(outcome.Trials) != 2 {
			t.Errorf("%d trials kept, want 2", len(outcome.Trials))
		}
		if left := f.left(); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
	inBubble(t, "after the last trial", func(t *testing.T) {
		f := newFake()
		ctx, interrupt := context.WithCancel(t.Context())
		outcome, err := newRunner(f, func(e Event) {
			if done, ok := e.(TrialDone); ok && done.Index == done.Total-1 {
				interrupt()
			}
		}).Run(ctx, makePlan(t, 1, 1))
		if err != nil || outcome.Interrupted || len(outcome.Trials) != 2 || len(f.left()) > 0 {
			t.Errorf("error %v, interrupted %v, %d trials, left %v", err, outcome.Interrupted, len(outcome.Trials), f.left())
		}
	})
}

func TestKeepLeavesObjects(t *testing.T) {
	inBubble(t, "keep", func(t *testing.T) {
		f := newFake()
		r := newRunner(f, nil)
		r.Keep = true
		if _, err := r.Run(t.Context(), makePlan(t, 1, 1)); err != nil {
			t.Fatal(err)
		}
		if left := f.left(); len(left) != 8 {
			t.Errorf("kept %v, want owner, service, target and load pod of two arms", left)
		}
	})
}

func TestCleanupFailureIsReported(t *testing.T) {
	inBubble(t, "cannot delete", func(t *testing.T) {
		f := newFake()
		f.deleteErr = errors.New("may not")
		outcome, err := newRunner(f, nil).Run(t.Context(), makePlan(t, 1, 1))
		if err != nil || !errors.Is(outcome.Cleanup, f.deleteErr) || !strings.Contains(outcome.Cleanup.Error(), "arm mesh") {
			t.Errorf("error %v, clean-up %v", err, outcome.Cleanup)
		}
		if len(outcome.Trials) != 2 {
			t.Errorf("%d trials, want 2", len(outcome.Trials))
		}
	})
}
