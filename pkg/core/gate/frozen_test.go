package gate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

// frozen is a target that answers 200 requests/s and freezes from second 8 of a
// window of 10 s to its end: 1,604 are answered, 396 were due and never sent.
func frozen(t *v1alpha1.Trial) {
	if t.Arm != "meshy" {
		return
	}
	answered, censored := stats.NewHistogram(), stats.NewHistogram()
	for i := range int64(1604) {
		answered.Record(time.Duration(40_000+10*i+int64(t.Round)) * time.Microsecond / 10)
	}
	for i := range 396 {
		censored.Record(time.Duration(i+1) * 5 * time.Millisecond)
	}
	t.Load.Requests, t.Load.Unsent = 1604, 396
	t.Load.ServiceTime, t.Load.ResponseTime, t.Load.Censored = answered.ToAPI(), answered.ToAPI(), censored.ToAPI()
}

func TestAFrozenTargetKeepsNoUpperBound(t *testing.T) {
	const fail, unknown = v1alpha1.VerdictFail, v1alpha1.VerdictInconclusive
	e := fixture.Named("exp2", 6)
	e.Spec.Factors.Rate = v1alpha1.Values[v1alpha1.Rate]{200}
	for text, want := range map[string]v1alpha1.VerdictResult{
		"p99 < 500ms": fail, "p99 < 5s": unknown, "p50 < 500ms": unknown, "max < 10s": unknown,
		"p99 < baseline * 100": unknown, "errors < 50%": unknown, "rps > 190": fail,
	} {
		v := verdictOn(t, fixture.Options{Experiment: e, Samples: 2000, Edit: frozen}, text)
		if v.Result != want {
			t.Errorf("%s is %s, want %s: %s", text, v.Result, want, v.Evidence)
		}
		if text == "p99 < 500ms" && !strings.Contains(v.Evidence, "above 18") {
			t.Errorf("the evidence is %s, want the lower bound of 1.88 s", v.Evidence)
		}
	}
}
