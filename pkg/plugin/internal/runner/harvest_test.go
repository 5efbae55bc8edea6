package runner

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// A pod that finds room late is not given up while its image is pulled.
func TestPodThatIsScheduledLateIsWaitedFor(t *testing.T) {
	inBubble(t, "room after 20 s, image after 40 s", func(t *testing.T) {
		f := newFake()
		change := func(name string, to func(*corev1.Pod)) {
			f.mu.Lock()
			defer f.mu.Unlock()
			if pod, ok := f.stored[key("pod", "ns-mesh", name)].(*corev1.Pod); ok {
				pod = pod.DeepCopy()
				to(pod)
				f.stored[key("pod", "ns-mesh", name)] = pod
				f.change()
			}
		}
		f.start = func(pod *corev1.Pod) {
			if pod.Name != "meshbench-r1-load-1-0" {
				return
			}
			running, name := pod.Status.DeepCopy(), pod.Name
			pod.Status = corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{{
				Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable,
				Message: "0/3 nodes: insufficient cpu",
			}}}
			time.AfterFunc(schedulingLimit*2/3, func() {
				change(name, func(p *corev1.Pod) {
					p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionTrue}}
				})
			})
			time.AfterFunc(schedulingLimit*4/3, func() { change(name, func(p *corev1.Pod) { p.Status = *running }) })
		}
		outcome, err := newRunner(f, nil).Run(t.Context(), makePlan(t, 1, 1))
		if err != nil || len(outcome.Trials) != 2 || outcome.Trials[0].Status != v1alpha1.TrialCompleted ||
			outcome.Trials[1].Status != v1alpha1.TrialCompleted {
			t.Errorf("error %v, trials %+v", err, outcome.Trials)
		}
	})
}

// A node that is lost takes the pod's log with it, and nothing ever ends it.
func TestLogThatNeverEndsIsGivenUp(t *testing.T) {
	inBubble(t, "silent after the first second", func(t *testing.T) {
		f := newFake()
		f.log = onFirst(func(ctx context.Context, _ *fake, _ *corev1.Pod, spec wire.LoadSpec, _ int) (io.ReadCloser, error) {
			return endless{ctx, closer(encoded(spec.Key, hello(spec), started(spec), second(0)))}, nil
		})
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		outcome, err := newRunner(f, nil).Run(ctx, makePlan(t, 1, 1))
		if err != nil || outcome.Interrupted || len(outcome.Trials) != 3 || outcome.Trials[0].Status != v1alpha1.TrialVoid {
			t.Fatalf("error %v, interrupted %v, trials %+v", err, outcome.Interrupted, outcome.Trials)
		}
		if reason := outcome.Trials[0].Reason; !strings.Contains(reason, "the node may be lost") {
			t.Errorf("reason is %q", reason)
		}
	})
}

// Who deletes or evicts a pod ends its worker first, which says no more than
// that it was told to stop.
func TestStoppedWorkerSaysWhoStoppedIt(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*corev1.Pod)
		reason string
	}{
		"deleted": {func(p *corev1.Pod) { p.DeletionTimestamp = &metav1.Time{Time: time.Now()} }, "deleted by somebody else"},
		"evicted": {func(p *corev1.Pod) {
			p.Status.Phase, p.Status.Reason, p.Status.Message = corev1.PodFailed, "Evicted",
				"The node was low on resource: memory."
		}, "Evicted: The node was low on resource: memory."},
	} {
		inBubble(t, name, func(t *testing.T) {
			f := newFake()
			f.log = onFirst(func(_ context.Context, f *fake, pod *corev1.Pod, spec wire.LoadSpec, _ int) (io.ReadCloser, error) {
				f.mu.Lock()
				defer f.mu.Unlock()
				changed := pod.DeepCopy()
				test.change(changed)
				f.stored[key("pod", pod.Namespace, pod.Name)] = changed
				return closer(encoded(spec.Key, hello(spec), failure("terminated signal received"))), nil
			})
			outcome, err := newRunner(f, nil).Run(t.Context(), makePlan(t, 1, 1))
			if err != nil || len(outcome.Trials) != 3 || !strings.Contains(outcome.Trials[0].Reason, test.reason) {
				t.Errorf("error %v, trials %+v; want the reason %q", err, outcome.Trials, test.reason)
			}
		})
	}
}

// A kubelet that is restarted is away for some seconds; so is a load balancer
// before the API server, again and again.
func TestLogIsReadOnAfterInterruptions(t *testing.T) {
	inBubble(t, "half a minute", func(t *testing.T) {
		f := newFake()
		back := time.Now().Add(30 * time.Second)
		f.log = onFirst(func(_ context.Context, _ *fake, _ *corev1.Pod, spec wire.LoadSpec, _ int) (io.ReadCloser, error) {
			if time.Now().Before(back) {
				return nil, errors.New("dial tcp 10.0.0.1:10250: connect: connection refused")
			}
			return whole(spec), nil
		})
		outcome, err := newRunner(f, nil).Run(t.Context(), makePlan(t, 1, 1))
		if err != nil || len(outcome.Trials) != 2 {
			t.Errorf("error %v, trials %+v", err, outcome.Trials)
		}
	})
	inBubble(t, "after each second", func(t *testing.T) {
		f := newFake()
		const times = 3 * reopenings
		f.log = onFirst(func(_ context.Context, _ *fake, _ *corev1.Pod, spec wire.LoadSpec, nth int) (io.ReadCloser, error) {
			if nth > times {
				return whole(spec), nil
			}
			frames := []wire.Frame{hello(spec), started(spec)}
			for i := range nth {
				frames = append(frames, second(i))
			}
			return closer(encoded(spec.Key, frames...)), nil
		})
		outcome, err := newRunner(f, nil).Run(t.Context(), makePlan(t, 1, 1))
		if err != nil || len(outcome.Trials) != 2 {
			t.Errorf("error %v, trials %+v", err, outcome.Trials)
		}
	})
}

// Frames that are read long after they were written say nothing of a clock.
func TestLogThatIsReadLateTellsNoClock(t *testing.T) {
	inBubble(t, "away for the whole window", func(t *testing.T) {
		f := newFake()
		f.start = withProxy
		logs := map[string][]byte{}
		f.log = func(_ context.Context, _ *fake, pod *corev1.Pod, spec wire.LoadSpec, nth int) (io.ReadCloser, error) {
			if logs[pod.Name] == nil {
				logs[pod.Name] = measured(spec)
			}
			if nth <= 3 {
				return nil, errors.New("the API server is away")
			}
			return closer(logs[pod.Name]), nil
		}
		f.target = func(ctx context.Context, key wire.Key, _ time.Time) (io.ReadCloser, error) {
			return every(ctx, key, 500*time.Millisecond), nil
		}
		outcome, err := newRunner(f, nil).Run(t.Context(), makePlan(t, 1, 1))
		if err != nil {
			t.Fatal(err)
		}
		for _, trial := range outcome.Trials {
			checkUse(t, trial.Resources)
			if off := trial.Resources.Nodes[0].ClockOffsetSeconds; off != nil && *off < -0.25 {
				t.Errorf("trial %s: the clock of the node is %g s off, though all clocks are one", trial.ID, *off)
			}
		}
	})
}

// noise is a log without an end, a line or a frame.
type noise struct{}

func (noise) Read(p []byte) (int, error) {
	clear(p) // one line of zeroes
	return len(p), nil
}

func (noise) Close() error { return nil }

func TestLogWithoutEndIsGivenUp(t *testing.T) {
	inBubble(t, "noise", func(t *testing.T) {
		f := newFake()
		f.log = onFirst(func(context.Context, *fake, *corev1.Pod, wire.LoadSpec, int) (io.ReadCloser, error) {
			return noise{}, nil
		})
		outcome, err := newRunner(f, nil).Run(t.Context(), makePlan(t, 1, 1))
		if err != nil || len(outcome.Trials) != 3 || !strings.Contains(outcome.Trials[0].Reason, "the log is longer than") {
			t.Errorf("error %v, trials %+v", err, outcome.Trials)
		}
	})
}

// The shared start of several load pods is an instant of their clocks, which
// may be far from ours.
func TestSharedStartIsByTheNodesClocks(t *testing.T) {
	for _, off := range []time.Duration{time.Minute, -time.Minute} {
		inBubble(t, off.String(), func(t *testing.T) {
			f := newFake()
			f.log = func(_ context.Context, _ *fake, _ *corev1.Pod, spec wire.LoadSpec, _ int) (io.ReadCloser, error) {
				now := time.Now().Add(off)
				greeting := hello(spec)
				greeting.Hello.Now = now
				if rest := spec.StartAt.Sub(now); rest < 0 || rest > time.Minute {
					return closer(encoded(spec.Key, greeting, failure("starts in "+rest.String()))), nil
				}
				frames := course(spec, *spec.StartAt, latencies(time.Millisecond))
				frames[0] = greeting
				return closer(encoded(spec.Key, frames...)), nil
			}
			outcome, err := newRunner(f, nil).Run(t.Context(), makePlan(t, 1, 2))
			if err != nil || len(outcome.Trials) != 3 {
				t.Fatalf("error %v, trials %+v; want one attempt in vain", err, outcome.Trials)
			}
		})
	}
}
