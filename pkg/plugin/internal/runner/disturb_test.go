package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// disturbedPlan is a round of two arms with three targets each, disturbed 3 seconds into
// a window of 10.
func disturbedPlan(t *testing.T, d v1alpha1.Disturbance) plan.Plan {
	t.Helper()
	e := v1alpha1.Experiment{Metadata: v1alpha1.Metadata{Name: "disturbed"}}
	d.At.Duration = 3 * time.Second
	e.Spec.Disturbance = &d
	e.Spec.Factors.Rate = v1alpha1.Values[v1alpha1.Rate]{1}
	e.Spec.Factors.Replicas = v1alpha1.Values[int]{3}
	e.Spec.Schedule.Rounds = 1
	e.Spec.Schedule.Duration.Duration = 10 * time.Second
	none := 0
	e.Spec.Schedule.Repeats = &none
	e, err := experiment.Resolve(e)
	if err != nil {
		t.Fatal(err)
	}
	return plan.Make(plan.Input{RunID: "r1", Seed: 7, Experiments: []v1alpha1.Experiment{e}, Image: "worker",
		Arms: []v1alpha1.Arm{
			{Name: "base", Namespace: "ns-base", Role: v1alpha1.RoleBaseline},
			{Name: "mesh", Namespace: "ns-mesh", Role: v1alpha1.RoleMeshed},
		}})
}

// live is the log of a load pod that measures while it is read, with a clock that is
// ahead of ours.
func live(ctx context.Context, spec wire.LoadSpec, ahead time.Duration) io.ReadCloser {
	out, in := io.Pipe()
	go func() {
		now := func() time.Time { return time.Now().Add(ahead) }
		start := now().Add(spec.Warmup.Duration)
		frames := course(spec, start, latencies(time.Millisecond))
		frames[0].Hello.Now = now()
		w := wire.NewWriter(in, spec.Key)
		for _, f := range frames {
			if f.Second != nil || f.Result != nil {
				end := start.Add(-ahead + spec.Window.Duration)
				if f.Second != nil {
					end = start.Add(-ahead + time.Duration(f.Second.OffsetSeconds+1)*time.Second)
				}
				select {
				case <-time.After(time.Until(end)):
				case <-ctx.Done():
				}
			}
			if f.Result != nil && spec.DisturbedAt != nil {
				f.Result.Load.Continuity = &v1alpha1.Continuity{UnlistedSeconds: 0.001}
			}
			if w.Write(f) != nil {
				break
			}
			if f.Second != nil {
				_ = w.Write(usageAt(now()))
			}
		}
		_ = in.CloseWithError(io.EOF)
	}()
	return out
}

func disturbedFake(ahead time.Duration) *fake {
	f := newFake()
	f.log = func(ctx context.Context, _ *fake, _ *corev1.Pod, spec wire.LoadSpec, _ int) (io.ReadCloser, error) {
		return live(ctx, spec, ahead), nil
	}
	return f
}

// targetsOf are the names of the targets that the fake holds, by when asked.
func targetCalls(f *fake, namespace string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, c := range f.calls {
		if strings.Contains(c, namespace+"/") && strings.Contains(c, "-target") && !strings.Contains(c, "service") {
			out = append(out, strings.NewReplacer(namespace+"/meshbench-r1-", "", "pod ", "").Replace(c))
		}
	}
	return out
}

// Each kind of disturbance does what it says to the targets of the run, at its instant by
// the load pod's clock, and afterwards they are as they were. Arms get the same.
func TestDisturbances(t *testing.T) {
	for name, c := range map[string]struct {
		d     v1alpha1.Disturbance
		calls []string
		steps int
	}{
		"kill": {v1alpha1.Disturbance{Kind: v1alpha1.DisturbKill},
			[]string{"end target-2 within 0s", "delete target-2", "apply target-2"}, 2},
		"restart": {v1alpha1.Disturbance{Kind: v1alpha1.DisturbRestart}, []string{
			"apply target-next", "delete target", "apply target-1-next", "delete target-1", "apply target-2-next",
			"delete target-2"}, 6},
		"up": {v1alpha1.Disturbance{Kind: v1alpha1.DisturbScale, Replicas: 5},
			[]string{"apply target-more-3", "apply target-more-4"}, 2},
		"down": {v1alpha1.Disturbance{Kind: v1alpha1.DisturbScale, Replicas: 1},
			[]string{"delete target-2", "delete target-1"}, 2},
	} {
		for _, ahead := range []time.Duration{0, time.Hour, -time.Hour} {
			inBubble(t, fmt.Sprint(name, ", clock ahead by ", ahead), func(t *testing.T) {
				f := disturbedFake(ahead)
				before := others(f)
				outcome, err := newRunner(f, nil).Run(t.Context(), disturbedPlan(t, c.d))
				if err != nil || outcome.Cleanup != nil {
					t.Fatal(err, outcome.Cleanup)
				}
				for _, trial := range outcome.Trials {
					if trial.Status != v1alpha1.TrialCompleted || trial.Disturbed == nil {
						t.Fatalf("trial %s is %s: %s, %+v", trial.ID, trial.Status, trial.Reason, trial.Disturbed)
					}
					d := trial.Disturbed
					if len(d.Steps) != c.steps || d.Kind != c.d.Kind || d.DueSeconds != 3 {
						t.Errorf("done was %+v", d)
					}
					for _, s := range d.Steps {
						if s.AskedSeconds < 2.999 || s.AskedSeconds > 3.01 || s.Made && s.ReadySeconds == nil ||
							!s.Made && s.GoneSeconds == nil {
							t.Errorf("step %+v", s)
						}
					}
					if trial.Load.Continuity == nil || trial.Received != nil {
						t.Errorf("continuity %+v, received %+v", trial.Load.Continuity, trial.Received)
					}
				}
				for _, arm := range []string{"ns-base", "ns-mesh"} {
					calls := targetCalls(f, arm)
					if len(calls) < 3+len(c.calls) || !slices.Equal(calls[3:3+len(c.calls)], c.calls) {
						t.Errorf("after the three targets were made, done was %q, want %q", calls[min(3, len(calls)):], c.calls)
					}
				}
				for _, arm := range outcome.Arms {
					if len(arm.Replaced) > 0 {
						t.Errorf("the targets of %s count as replaced: %+v", arm.Name, arm.Replaced)
					}
				}
				if left := f.left(); !slices.Equal(left, before) {
					t.Errorf("left are %v, want %v", left, before)
				}
			})
		}
	}
}

// After a disturbed trial, and before the next one, the targets are those of the plan.
func TestTargetsAreRestoredBeforeTheNextTrial(t *testing.T) {
	for kind, d := range map[string]v1alpha1.Disturbance{"kill": {Kind: v1alpha1.DisturbKill},
		"restart": {Kind: v1alpha1.DisturbRestart}, "up": {Kind: v1alpha1.DisturbScale, Replicas: 4},
		"down": {Kind: v1alpha1.DisturbScale, Replicas: 1}} {
		inBubble(t, kind, func(t *testing.T) {
			f, p := disturbedFake(0), disturbedPlan(t, d)
			p.Trials = slices.Concat(p.Trials, p.Trials)
			for i := range p.Trials[len(p.Trials)/2:] {
				p.Trials[len(p.Trials)/2+i].Round = 2
			}
			trials := 0
			_, err := newRunner(f, func(e Event) {
				if _, begins := e.(TrialStarted); !begins {
					return
				}
				trials++
				for _, o := range p.Objects {
					for _, target := range o.Targets {
						if pod, _ := f.pod(target.Namespace, target.Name); pod == nil {
							t.Errorf("trial %d begins without %s", trials, target.Name)
						}
					}
				}
				for _, name := range f.left() {
					if strings.Contains(name, "-next") || strings.Contains(name, "-more") {
						t.Errorf("trial %d begins with %s", trials, name)
					}
				}
			}).Run(t.Context(), p)
			if err != nil || trials != 4 {
				t.Errorf("%d trials: %v", trials, err)
			}
		})
	}
}

// A disturbance that fails, is late, or is not over in time leaves no result.
func TestADisturbanceThatWentWrongVoidsTheTrial(t *testing.T) {
	for name, c := range map[string]struct {
		d     v1alpha1.Disturbance
		spoil func(*fake)
		says  string
	}{
		"refused": {v1alpha1.Disturbance{Kind: v1alpha1.DisturbRestart}, func(f *fake) {
			f.refuse = func(_ string, o metav1.Object) error {
				if strings.HasSuffix(o.GetName(), "-next") {
					return errors.New("quota exceeded")
				}
				return nil
			}
		}, "the disturbance could not be made: target meshbench-r1-target-next: quota exceeded"},
		"the API server takes its time": {v1alpha1.Disturbance{Kind: v1alpha1.DisturbRestart}, func(f *fake) {
			f.lose = func(_ string, o metav1.Object) error {
				if strings.HasSuffix(o.GetName(), "-next") {
					f.mu.Unlock()
					time.Sleep(8 * time.Second)
					f.mu.Lock()
				}
				return nil
			}
		}, "the disturbance was not over by the end of the window"},
	} {
		inBubble(t, name, func(t *testing.T) {
			f := disturbedFake(0)
			c.spoil(f)
			outcome, err := newRunner(f, nil).Run(t.Context(), disturbedPlan(t, c.d))
			if err != nil || outcome.Cleanup != nil {
				t.Fatal(err, outcome.Cleanup)
			}
			for _, trial := range outcome.Trials {
				if trial.Status != v1alpha1.TrialVoid || !strings.Contains(trial.Reason, c.says) {
					t.Errorf("trial %s is %s: %q", trial.ID, trial.Status, trial.Reason)
				}
			}
			if left := f.left(); len(left) > 0 {
				t.Errorf("left are %v", left)
			}
		})
	}
	late := v1alpha1.Disturbed{DueSeconds: 3, Steps: []v1alpha1.DisturbedPod{{AskedSeconds: 3.3, AnsweredSeconds: 3.31}}}
	if err := misdone(late, 10); err == nil || !strings.Contains(err.Error(), "300 ms late") {
		t.Errorf("a disturbance 300 ms late: %v", err)
	}
	if misdone(v1alpha1.Disturbed{}, 10) == nil {
		t.Error("nothing was done, and that is a result")
	}
}

// Whoever interrupts a run in the middle of a disturbance finds nothing left behind.
func TestAnInterruptedDisturbanceLeavesNothing(t *testing.T) {
	inBubble(t, "restart", func(t *testing.T) {
		f := disturbedFake(0)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		f.lose = func(_ string, o metav1.Object) error {
			if strings.HasSuffix(o.GetName(), "-target-1-next") {
				stop()
			}
			return nil
		}
		outcome, err := newRunner(f, nil).Run(ctx, disturbedPlan(t, v1alpha1.Disturbance{Kind: v1alpha1.DisturbRestart}))
		if err != nil || !outcome.Interrupted || outcome.Cleanup != nil {
			t.Errorf("%v, %+v", err, outcome)
		}
		if left := f.left(); len(left) > 0 {
			t.Errorf("left are %v", left)
		}
	})
}

// A run whose plugin died in the middle of a disturbance goes on without what that made,
// and takes the trial for none.
func TestResumeAfterADisturbanceThatWasCutOff(t *testing.T) {
	inBubble(t, "restart", func(t *testing.T) {
		f, p := disturbedFake(0), disturbedPlan(t, v1alpha1.Disturbance{Kind: v1alpha1.DisturbRestart})
		left := p.Objects[0].Targets[0].DeepCopy()
		left.Name += "-next"
		if _, err := f.ApplyPod(t.Context(), left); err != nil {
			t.Fatal(err)
		}
		r := newRunner(f, nil)
		r.Resumed = true
		first := true
		r.Notify = func(e Event) {
			if _, begins := e.(TrialStarted); begins && first {
				first = false
				if pod, _ := f.pod(left.Namespace, left.Name); pod != nil {
					t.Errorf("%s is still there", left.Name)
				}
			}
		}
		if _, err := r.Run(t.Context(), p); err != nil {
			t.Error(err)
		}
		if first {
			t.Error("no trial was run")
		}
	})
}
