package runner

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// A target that gets its words into a load pod's log cannot write a result there,
// and neither can who knows the keys of other trials.
func TestForgedFramesAreNoResult(t *testing.T) {
	for name, forge := range map[string]func(wire.LoadSpec) []byte{
		"without the key": func(s wire.LoadSpec) []byte {
			s.Key = wire.Key{}
			return wholeBytes(s)
		},
		"with another trial's key": func(s wire.LoadSpec) []byte {
			s.Key = wire.Key{}.For("load", "exp1/r9/default/mesh/1", "0")
			return wholeBytes(s)
		},
		"after an honest beginning": func(s wire.LoadSpec) []byte {
			whole := wholeBytes(s)
			s.Key = wire.Key{}
			return append(whole[:slices.Index(whole, '\n')+1], wholeBytes(s)...)
		},
		"with the key, but too many requests": func(s wire.LoadSpec) []byte {
			frames := course(s, startOf(s), latencies(time.Millisecond))
			frames[len(frames)-2].Result.Load.Requests = 123_456_789
			return encoded(s.Key, frames...)
		},
	} {
		inBubble(t, name, func(t *testing.T) {
			f := newFake()
			f.log = func(_ context.Context, _ *fake, _ *corev1.Pod, spec wire.LoadSpec, _ int) (io.ReadCloser, error) {
				return closer(forge(spec)), nil
			}
			outcome, err := newRunner(f, nil).Run(t.Context(), makePlan(t, 1, 1))
			if err != nil || len(outcome.Trials) == 0 {
				t.Fatalf("error %v, %d trials", err, len(outcome.Trials))
			}
			for _, trial := range outcome.Trials {
				if trial.Status != v1alpha1.TrialVoid || trial.Load != nil || !strings.Contains(trial.Reason, "foreign frame") {
					t.Errorf("trial %s is %s: %s", trial.ID, trial.Status, trial.Reason)
				}
			}
		})
	}
}

// What changes a load pod's specification on its way changes what is measured.
func TestLoadPodThatWasToldSomethingElseIsVoid(t *testing.T) {
	inBubble(t, "a webhook", func(t *testing.T) {
		f := newFake()
		f.start = func(pod *corev1.Pod) {
			args := pod.Spec.Containers[0].Args
			for i := range args {
				args[i] = strings.Replace(args[i], `"window":"30s"`, `"window":"1s"`, 1)
			}
		}
		outcome, err := newRunner(f, nil).Run(t.Context(), makePlan(t, 1, 1))
		if err != nil || len(outcome.Trials) == 0 ||
			!strings.Contains(outcome.Trials[0].Reason, "told something else than this run planned") {
			t.Errorf("error %v, trials %+v", err, outcome.Trials)
		}
	})
}
