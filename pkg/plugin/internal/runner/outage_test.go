package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// An error of the API server is none of the trial: it uses up no attempt.
func TestAnOutageUsesUpNoAttempt(t *testing.T) {
	inBubble(t, "502 for a while", func(t *testing.T) {
		f, refusals := newFake(), 0
		f.refuse = func(kind string, o metav1.Object) error {
			if kind == "pod" && o.GetLabels()[v1alpha1.LabelTrial] != "" && refusals < 7 {
				refusals++
				return apierrors.NewGenericServerResponse(502, "patch", schema.GroupResource{Resource: "pods"}, o.GetName(),
					"<html>", 0, true)
			}
			return nil
		}
		lost := 0
		r := newRunner(f, func(e Event) {
			if _, ok := e.(TrialLost); ok {
				lost++
			}
		})
		r.Pause = time.Second
		begun := time.Now()
		outcome, err := r.Run(t.Context(), makePlan(t, 2, 1))
		if err != nil || len(outcome.Trials) != 4 || lost != 7 {
			t.Fatalf("%d trials, %d attempts lost, error %v; want 4 and 7", len(outcome.Trials), lost, err)
		}
		for _, trial := range outcome.Trials {
			if trial.Status != v1alpha1.TrialCompleted || trial.Attempt != 1 {
				t.Errorf("trial %s is %s: %s", trial.ID, trial.Status, trial.Reason)
			}
		}
		if time.Since(begun) < 7*time.Second {
			t.Errorf("attempts are made without a pause: %s", time.Since(begun))
		}
	})
}

// away is a cluster whose API server does not come back.
type away struct {
	*fake
	since func() bool
}

func (a away) GetPod(ctx context.Context, namespace, name string) (*corev1.Pod, error) {
	if a.since() {
		return nil, fmt.Errorf("read pod: %w", syscall.ECONNREFUSED)
	}
	return a.fake.GetPod(ctx, namespace, name)
}

func TestALongOutageStopsTheRunAndKeepsWhatWasMeasured(t *testing.T) {
	inBubble(t, "after the first trial", func(t *testing.T) {
		done := 0
		f := newFake()
		r := newRunner(f, func(e Event) {
			if _, ok := e.(TrialDone); ok {
				done++
			}
		})
		r.Cluster = away{f, func() bool { return done > 0 }}
		outcome, err := r.Run(t.Context(), makePlan(t, 2, 1))
		var outage *OutageError
		if !errors.As(err, &outage) || len(outcome.Trials) != 1 || outcome.Trials[0].Status != v1alpha1.TrialCompleted {
			t.Errorf("error %v, trials %+v; want an outage and the first trial", err, outcome.Trials)
		}
	})
}

// One arm that can do no more ends at once; the others go on.
func TestABrokenWebhookEndsItsArmOnly(t *testing.T) {
	inBubble(t, "two meshed arms", func(t *testing.T) {
		f := newFake()
		f.refuse = func(kind string, o metav1.Object) error {
			if kind == "pod" && o.GetNamespace() == "ns-mesh" && o.GetLabels()[v1alpha1.LabelTrial] != "" {
				return apierrors.NewInternalError(errors.New(`failed calling webhook "x": connection refused`))
			}
			return nil
		}
		p := makePlan(t, 3, 1)
		in := plan.Input{RunID: "r1", Seed: 7, Experiments: p.Experiments, Image: "worker:1", Arms: append(p.Arms,
			v1alpha1.Arm{Name: "other", Namespace: "ns-other", Role: v1alpha1.RoleMeshed})}
		outcome, err := newRunner(f, nil).Run(t.Context(), plan.Make(in))
		count := map[string]int{}
		for _, trial := range outcome.Trials {
			count[trial.Arm+" "+string(trial.Status)]++
		}
		if err == nil || !strings.Contains(err.Error(), "failed calling webhook") || count["base completed"] != 3 ||
			count["other completed"] != 3 || count["mesh void"] != 1 || len(count) != 3 {
			t.Errorf("error %v, trials %v; want 3 each of base and other, one void of mesh", err, count)
		}
	})
}

// A target that does not come back costs one wait, not one for each trial.
func TestATargetThatIsLostForGoodEndsAtOnce(t *testing.T) {
	inBubble(t, "evicted", func(t *testing.T) {
		f, deployed := newFake(), 0
		f.start = func(pod *corev1.Pod) {
			if pod.Labels[v1alpha1.LabelTrial] == "" {
				if deployed++; deployed > 2 {
					pod.Status.Conditions, pod.Status.ContainerStatuses = nil, nil
				}
			}
		}
		f.log = func(_ context.Context, f *fake, pod *corev1.Pod, spec wire.LoadSpec, _ int) (io.ReadCloser, error) {
			if pod.Namespace == "ns-mesh" {
				f.vanish("pod", pod.Namespace, "meshbench-r1-target")
			}
			return whole(spec), nil
		}
		begun := time.Now()
		_, err := newRunner(f, nil).Run(t.Context(), makePlan(t, 6, 1))
		var lost *TargetLostError
		if !errors.As(err, &lost) || time.Since(begun) > 2*targetLimit {
			t.Errorf("error %v after %s; want a lost target after one wait", err, time.Since(begun))
		}
	})
}

// A run that goes on does not pair trials of two sessions.
func TestAnInterruptedPairIsRepeated(t *testing.T) {
	inBubble(t, "resumed", func(t *testing.T) {
		p := makePlan(t, 2, 1)
		whole, err := newRunner(newFake(), nil).Run(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		f, voided := newFake(), 0
		r := newRunner(f, func(e Event) {
			if _, ok := e.(TrialVoided); ok {
				voided++
			}
		})
		r.Resumed, r.Done, r.PairedWithin = true, whole.Trials[:3], time.Minute
		for i := range r.Done {
			w := *r.Done[i].Window
			w.EndedAt = time.Now().Add(-time.Hour)
			r.Done[i].Window = &w
		}
		outcome, err := r.Run(t.Context(), p)
		if err != nil || len(outcome.Trials) != 5 || voided != 1 {
			t.Fatalf("%d trials, %d voided, error %v; want 5 and 1", len(outcome.Trials), voided, err)
		}
		for i, want := range []v1alpha1.TrialStatus{v1alpha1.TrialCompleted, v1alpha1.TrialCompleted, v1alpha1.TrialVoid,
			v1alpha1.TrialCompleted, v1alpha1.TrialCompleted} {
			if got := outcome.Trials[i]; got.Status != want {
				t.Errorf("trial %s is %s, want %s", got.ID, got.Status, want)
			}
		}
	})
}
