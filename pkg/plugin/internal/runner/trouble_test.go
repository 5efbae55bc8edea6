package runner

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

type script func(ctx context.Context, f *fake, pod *corev1.Pod, spec wire.LoadSpec, nth int) (io.ReadCloser, error)

// onFirst uses a script for the first load pod of a run only.
func onFirst(s script) script {
	return func(ctx context.Context, f *fake, pod *corev1.Pod, spec wire.LoadSpec, nth int) (io.ReadCloser, error) {
		if strings.HasSuffix(pod.Name, "load-1-0") {
			return s(ctx, f, pod, spec, nth)
		}
		return whole(spec), nil
	}
}

func failure(message string) wire.Frame {
	return wire.Frame{Type: wire.TypeError, Error: &wire.Failure{Stage: "ready", Message: message}}
}

func TestTroubleVoidsOneAttempt(t *testing.T) {
	deleted := func(_ context.Context, f *fake, pod *corev1.Pod, spec wire.LoadSpec, _ int) (io.ReadCloser, error) {
		f.vanish("pod", pod.Namespace, pod.Name)
		return closer(encoded(spec.Key, hello(spec), started(spec), second(0))), nil
	}
	for name, test := range map[string]struct {
		log    script
		reason string
	}{
		"pod deleted": {deleted, "deleted by somebody else"},
		"worker failed": {func(_ context.Context, _ *fake, _ *corev1.Pod, spec wire.LoadSpec, _ int) (io.ReadCloser, error) {
			return closer(encoded(spec.Key, hello(spec), failure("the target said 503"))), nil
		}, "the worker failed (ready): the target said 503"},
		"no result": {func(_ context.Context, _ *fake, _ *corev1.Pod, spec wire.LoadSpec, _ int) (io.ReadCloser, error) {
			return closer(encoded(spec.Key, hello(spec), wire.Frame{Type: wire.TypeEnd})), nil
		}, "a frame of type end where started was due"},
		"another trial's log": {func(_ context.Context, _ *fake, _ *corev1.Pod, spec wire.LoadSpec, _ int) (io.ReadCloser,
			error) {
			spec.Trial = "other"
			return whole(spec), nil
		}, "another trial"},
		"always damaged": {func(_ context.Context, _ *fake, _ *corev1.Pod, spec wire.LoadSpec, _ int) (io.ReadCloser, error) {
			return closer(wholeBytes(spec)[:40]), nil
		}, "damaged or foreign frame"},
	} {
		inBubble(t, name, func(t *testing.T) {
			f := newFake()
			f.log = onFirst(test.log)
			repeats := 0
			outcome, err := newRunner(f, func(e Event) {
				if done, ok := e.(TrialDone); ok && done.Repeat {
					repeats++
				}
			}).Run(t.Context(), makePlan(t, 1, 1))
			if err != nil || len(outcome.Trials) != 3 || repeats != 1 {
				t.Fatalf("error %v, %d attempts, %d repeats, want 3 and 1", err, len(outcome.Trials), repeats)
			}
			first, again := outcome.Trials[0], outcome.Trials[1]
			if first.Status != v1alpha1.TrialVoid || !strings.Contains(first.Reason, test.reason) || first.Load != nil {
				t.Errorf("first attempt is %s: %s", first.Status, first.Reason)
			}
			if again.Status != v1alpha1.TrialCompleted || again.Attempt != 2 || again.Arm != first.Arm {
				t.Errorf("second attempt is %+v", again)
			}
			if left := f.left(); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// What a worker may open is compared with the whole run's largest level at its
// first word, whoever of the two is held; no trial is begun for nothing.
func TestTooFewOpenFilesEndARunAtOnce(t *testing.T) {
	for name, test := range map[string]struct {
		load, target int64
		who          string
	}{
		"a load pod":            {load: 200, who: "a load pod"},
		"the target":            {load: 288, target: 287, who: "the target"},
		"as many as are needed": {load: 288, target: 288},
		"not known":             {},
	} {
		inBubble(t, name, func(t *testing.T) {
			f := newFake()
			f.log = func(_ context.Context, _ *fake, _ *corev1.Pod, spec wire.LoadSpec, _ int) (io.ReadCloser, error) {
				frames := course(spec, startOf(spec), latencies(time.Millisecond))
				frames[0].Hello.OpenFiles = test.load
				probe := wire.Frame{Type: wire.TypeProbe, Probe: &wire.Probe{OpenFiles: test.target}}
				return closer(encoded(spec.Key, slices.Insert(frames, 1, probe)...)), nil
			}
			outcome, err := newRunner(f, nil).Run(t.Context(), makePlan(t, 1, 1))
			var files *FilesError
			switch {
			case test.who == "" && (err != nil || len(outcome.Trials) != 2):
				t.Errorf("error %v after %d trials, want 2 and none", err, len(outcome.Trials))
			case test.who != "" && (!errors.As(err, &files) || files.Who != test.who || files.Need != 288):
				t.Errorf("error %v, want one of %s with 288 files", err, test.who)
			}
			if left := f.left(); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestRepeatsAreUsedUp(t *testing.T) {
	inBubble(t, "never a result", func(t *testing.T) {
		f := newFake()
		f.log = func(_ context.Context, _ *fake, _ *corev1.Pod, spec wire.LoadSpec, _ int) (io.ReadCloser, error) {
			return closer(encoded(spec.Key, hello(spec), failure("no"))), nil
		}
		p := makePlan(t, 1, 1)
		outcome, err := newRunner(f, nil).Run(t.Context(), p)
		if want := 2 * (1 + *p.Trials[0].Schedule.Repeats); err != nil || len(outcome.Trials) != want {
			t.Errorf("error %v, %d attempts, want %d", err, len(outcome.Trials), want)
		}
	})
}

func TestBrokenLogIsReadAgain(t *testing.T) {
	inBubble(t, "once damaged, once cut", func(t *testing.T) {
		f := newFake()
		f.log = onFirst(func(_ context.Context, _ *fake, _ *corev1.Pod, spec wire.LoadSpec, nth int) (io.ReadCloser, error) {
			data := wholeBytes(spec)
			switch nth {
			case 1:
				data[len(encoded(spec.Key, hello(spec), started(spec)))+65] ^= 1
			case 2:
				data = encoded(spec.Key, hello(spec), started(spec), second(0))
			}
			return closer(data), nil
		})
		seconds := 0
		outcome, err := newRunner(f, func(e Event) {
			if _, ok := e.(TrialSecond); ok {
				seconds++
			}
		}).Run(t.Context(), makePlan(t, 1, 1))
		if err != nil || len(outcome.Trials) != 2 || outcome.Trials[0].Status != v1alpha1.TrialCompleted {
			t.Fatalf("error %v, trials %+v", err, outcome.Trials)
		}
		if n := len(outcome.Trials[0].Series); n != 30 || seconds != 2*n {
			t.Errorf("series %v, %d seconds told, want each once", outcome.Trials[0].Series, seconds)
		}
	})
}

func TestOtherReleaseIsFinal(t *testing.T) {
	for name, test := range map[string]struct {
		plugin string
		log    func(spec wire.LoadSpec) []byte
	}{
		"release":         {"v9.9.9", wholeBytes},
		"development":     {"dev", wholeBytes},
		"version of wire": {"v9.9.9", func(wire.LoadSpec) []byte { return []byte("meshbench/99 00000000 {}\n") }},
	} {
		inBubble(t, name, func(t *testing.T) {
			f := newFake()
			f.log = func(_ context.Context, _ *fake, _ *corev1.Pod, spec wire.LoadSpec, _ int) (io.ReadCloser, error) {
				return closer(test.log(spec)), nil
			}
			r := newRunner(f, nil)
			r.Version = test.plugin
			outcome, err := r.Run(t.Context(), makePlan(t, 4, 1))
			if err == nil || !strings.Contains(err.Error(), "use image example.org:5000/worker:"+test.plugin) {
				t.Errorf("error %v does not say which image to use", err)
			}
			if len(outcome.Trials) > 0 || len(f.reads) != 1 || len(f.left()) > 0 {
				t.Errorf("%d trials, logs read %v, left %v", len(outcome.Trials), f.reads, f.left())
			}
		})
	}
}

func TestRefusedNamesTheArm(t *testing.T) {
	pods := schema.GroupResource{Resource: "pods"}
	for name, component := range map[string]string{"target": "target", "load": "load"} {
		inBubble(t, name, func(t *testing.T) {
			f := newFake()
			f.refuse = func(kind string, o metav1.Object) error {
				if kind == "pod" && o.GetNamespace() == "ns-mesh" && strings.Contains(o.GetName(), component) {
					return apierrors.NewForbidden(pods, o.GetName(), errors.New("exceeded quota: small"))
				}
				return nil
			}
			outcome, err := newRunner(f, nil).Run(t.Context(), makePlan(t, 4, 1))
			var refused *RefusedError
			if !errors.As(err, &refused) || refused.Arm.Name != "mesh" ||
				!strings.Contains(err.Error(), "exceeded quota: small") {
				t.Errorf("error %v, want a RefusedError for arm mesh", err)
			}
			if outcome.Cleanup != nil || len(f.left()) > 0 {
				t.Errorf("clean-up %v, left %v", outcome.Cleanup, f.left())
			}
		})
	}
}

func TestEvictedTargetIsReplaced(t *testing.T) {
	inBubble(t, "evicted", func(t *testing.T) {
		f := newFake()
		evicted := false
		r := newRunner(f, func(e Event) {
			done, ok := e.(TrialDone)
			if !ok || evicted {
				return
			}
			evicted = true
			f.mu.Lock()
			defer f.mu.Unlock()
			for _, arm := range []string{"ns-base", "ns-mesh"} {
				target := f.stored[key("pod", arm, "meshbench-r1-target")].(*corev1.Pod)
				target.Status = corev1.PodStatus{Phase: corev1.PodFailed, Reason: "Evicted"}
			}
			_ = done
		})
		outcome, err := r.Run(t.Context(), makePlan(t, 2, 1))
		if err != nil || len(outcome.Trials) != 4 {
			t.Fatalf("error %v, %d trials", err, len(outcome.Trials))
		}
		applied := 0
		for _, call := range f.calls {
			if strings.HasPrefix(call, "apply pod") && strings.HasSuffix(call, "r1-target") {
				applied++
			}
		}
		if applied != 4 {
			t.Errorf("targets were applied %d times, want each of 2 twice", applied)
		}
		for _, arm := range outcome.Arms {
			if len(arm.Replaced) != 1 || !strings.Contains(arm.Replaced[0].Reason, "Evicted") {
				t.Errorf("arm %s: replaced %+v, want one that was evicted", arm.Name, arm.Replaced)
			}
		}
	})
}

// A target that somebody deletes before it is ready is made again; no trial met the
// first one, so none is called replaced. Whoever deletes each of them ends the run.
func TestATargetThatIsDeletedBeforeItIsReadyIsMadeAgain(t *testing.T) {
	for name, test := range map[string]struct {
		deletions int
		ends      bool
	}{"once": {1, false}, "always": {100, true}} {
		inBubble(t, name, func(t *testing.T) {
			f := newFake()
			deleted := 0
			f.start = func(p *corev1.Pod) {
				if p.Labels[v1alpha1.LabelTrial] == "" && p.Namespace == "ns-base" && deleted < test.deletions {
					deleted++
					p.Status.Conditions = nil // not ready yet
					go func(namespace, name string) {
						time.Sleep(time.Second)
						f.vanish("pod", namespace, name)
					}(p.Namespace, p.Name)
				}
			}
			outcome, err := newRunner(f, nil).Run(t.Context(), makePlan(t, 1, 1))
			if (err != nil) != test.ends || !test.ends && len(outcome.Trials) != 2 {
				t.Errorf("error %v after %d trials", err, len(outcome.Trials))
			}
			for _, arm := range outcome.Arms {
				if len(arm.Replaced) > 0 {
					t.Errorf("arm %s: %+v", arm.Name, arm.Replaced)
				}
			}
			if left := f.left(); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// What was replaced before an interruption is said after it, and so is a target
// that was gone by then; one that is still there is not.
func TestAResumedRunSaysWhichTargetsWereReplaced(t *testing.T) {
	inBubble(t, "resumed", func(t *testing.T) {
		f := newFake()
		p := makePlan(t, 2, 1)
		first, err := newRunner(f, nil).Run(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		var told []TargetReplaced
		r := newRunner(f, func(e Event) {
			if e, ok := e.(TargetReplaced); ok {
				told = append(told, e)
			}
		})
		base, other := first.Trials[0], p.Arms[0].Name
		if base.Arm == other {
			other = p.Arms[1].Name
		}
		r.Resumed, r.Done = true, []v1alpha1.Trial{base}
		r.DoneReplaced = map[string][]v1alpha1.Replacement{other: {{At: time.Now(), Reason: "Evicted"}}}
		outcome, err := r.Run(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{base.Arm: "gone when the run went on", other: "Evicted"}
		for _, arm := range outcome.Arms {
			if len(arm.Replaced) != 1 || !strings.Contains(arm.Replaced[0].Reason, want[arm.Name]) {
				t.Errorf("arm %s: %+v, want one that says %q", arm.Name, arm.Replaced, want[arm.Name])
			}
		}
		if len(told) != 1 || told[0].Arm != base.Arm {
			t.Errorf("told %+v, want that of arm %s alone", told, base.Arm)
		}
	})
}

func TestClientsMergeExactly(t *testing.T) {
	inBubble(t, "3 clients", func(t *testing.T) {
		f := newFake()
		latency := func(client, i int) time.Duration { return time.Duration(1+client*1000+i) * time.Microsecond }
		f.log = func(_ context.Context, _ *fake, _ *corev1.Pod, spec wire.LoadSpec, _ int) (io.ReadCloser, error) {
			var all []time.Duration
			for i := range 100 {
				all = append(all, latency(spec.Client, i))
			}
			return closer(encoded(spec.Key, course(spec, startOf(spec), latencies(all...))...)), nil
		}
		outcome, err := newRunner(f, nil).Run(t.Context(), makePlan(t, 1, 3))
		if err != nil {
			t.Fatal(err)
		}
		want := stats.NewHistogram()
		for client := range 3 {
			for i := range 100 {
				want.Record(latency(client, i))
			}
		}
		for _, trial := range outcome.Trials {
			if trial.Status != v1alpha1.TrialCompleted {
				t.Fatalf("trial %+v", trial)
			}
			if trial.Load.Requests != 300 || *trial.Load.ServiceTime != *want.ToAPI() || len(trial.Clients) != 3 ||
				len(trial.Pods) != 3 {
				t.Errorf("merged %d requests, histogram %+v, want %+v", trial.Load.Requests, trial.Load.ServiceTime, want.ToAPI())
			}
			if len(trial.Series) != 30 || trial.Series[0].Requests != 300 {
				t.Errorf("series %+v, want a first second of 300 requests", trial.Series)
			}
		}
	})
}

func TestOneFailedClientStopsTheOthers(t *testing.T) {
	inBubble(t, "2 clients", func(t *testing.T) {
		f := newFake()
		f.log = onFirst(func(_ context.Context, _ *fake, _ *corev1.Pod, spec wire.LoadSpec, _ int) (io.ReadCloser, error) {
			return closer(encoded(spec.Key, hello(spec), failure("late"))), nil
		})
		first := f.log
		f.log = func(ctx context.Context, f *fake, pod *corev1.Pod, spec wire.LoadSpec, nth int) (io.ReadCloser, error) {
			if strings.HasSuffix(pod.Name, "load-1-1") {
				return endless{ctx, closer(encoded(spec.Key, hello(spec)))}, nil
			}
			return first(ctx, f, pod, spec, nth)
		}
		outcome, err := newRunner(f, nil).Run(t.Context(), makePlan(t, 1, 2))
		if err != nil || len(outcome.Trials) != 3 || !strings.Contains(outcome.Trials[0].Reason, "late") {
			t.Errorf("error %v, trials %+v", err, outcome.Trials)
		}
	})
}

func TestUnschedulablePodIsGivenUp(t *testing.T) {
	inBubble(t, "no room", func(t *testing.T) {
		f := newFake()
		f.start = func(pod *corev1.Pod) {
			pod.Status = corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{{
				Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable,
				Message: "0/3 nodes: insufficient cpu",
			}}}
		}
		begun := time.Now()
		_, err := newRunner(f, nil).Run(t.Context(), makePlan(t, 1, 1))
		if err == nil || !strings.Contains(err.Error(), "insufficient cpu") ||
			!strings.Contains(err.Error(), "not scheduled in 30s") {
			t.Errorf("error %v", err)
		}
		if took := time.Since(begun); took < schedulingLimit || took > 2*schedulingLimit {
			t.Errorf("gave up after %s, want %s", took, schedulingLimit)
		}
	})
}
