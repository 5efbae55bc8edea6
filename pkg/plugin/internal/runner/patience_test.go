package runner

import (
	"errors"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
)

// withoutRoom keeps the run's targets off nodes for a while; for ever if that is 0.
func withoutRoom(f *fake, wait time.Duration) {
	f.start = func(pod *corev1.Pod) {
		if pod.Spec.Containers[0].Args[0] != "target" {
			return
		}
		running, namespace, name := pod.Status.DeepCopy(), pod.Namespace, pod.Name
		pod.Status = corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{{
			Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable,
			Message: "0/3 nodes: insufficient cpu",
		}}}
		if wait == 0 {
			return
		}
		time.AfterFunc(wait, func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			if have, ok := f.stored[key("pod", namespace, name)].(*corev1.Pod); ok {
				have = have.DeepCopy()
				have.Status = *running
				f.stored[key("pod", namespace, name)] = have
				f.change()
			}
		})
	}
}

func TestANodeThatIsOnItsWayIsWaitedFor(t *testing.T) {
	inBubble(t, "four minutes", func(t *testing.T) {
		f := newFake()
		withoutRoom(f, 4*time.Minute)
		f.events = func(types.UID) ([]kube.Event, error) {
			return []kube.Event{{Reason: "TriggeredScaleUp", Message: "pool-1 1->2"}}, nil
		}
		var said []ScalingUp
		r := newRunner(f, nil)
		r.Notify = func(e Event) {
			if s, ok := e.(ScalingUp); ok {
				said = append(said, s)
			}
		}
		outcome, err := r.Run(t.Context(), makePlan(t, 1, 1))
		if err != nil || len(outcome.Trials) != 2 {
			t.Fatalf("error %v, %d trials", err, len(outcome.Trials))
		}
		if len(said) != 2 || said[0].Said.Message != "pool-1 1->2" {
			t.Errorf("said %+v, want it once for each target", said)
		}
	})
}

func TestWaitingForANodeEnds(t *testing.T) {
	for name, c := range map[string]struct {
		events      []kube.Event
		err         error
		least, most time.Duration
		says        string
	}{
		"at once if none comes": {[]kube.Event{{Reason: "NotTriggerScaleUp", Message: "max node group size reached"}}, nil,
			0, time.Second, "no node will be added for it (NotTriggerScaleUp: max node group size reached)"},
		"at the limit": {[]kube.Event{{Reason: "Nominated"}}, nil, 10 * time.Minute, 11 * time.Minute, "--scale-up-timeout"},
		"soon if events may not be read": {nil, errors.New("events is forbidden"), schedulingLimit, 2 * schedulingLimit,
			"is not known: events is forbidden"},
		"soon if it failed": {[]kube.Event{{Reason: "FailedScaleUp", Message: "out of stock"}}, nil, schedulingLimit,
			2 * schedulingLimit, "not scheduled in 30s"},
	} {
		inBubble(t, name, func(t *testing.T) {
			f := newFake()
			withoutRoom(f, 0)
			f.events = func(types.UID) ([]kube.Event, error) { return c.events, c.err }
			begun := time.Now()
			_, err := newRunner(f, nil).Run(t.Context(), makePlan(t, 1, 1))
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "insufficient cpu") {
				t.Errorf("error %v, want %q", err, c.says)
			}
			if took := time.Since(begun); took < c.least || took > c.most {
				t.Errorf("gave up after %s, want %s to %s", took, c.least, c.most)
			}
			if left := f.left(); len(left) > 0 {
				t.Errorf("left %v", left)
			}
		})
	}
}
