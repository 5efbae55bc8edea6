package gate

import (
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

// What a target fails on purpose comes one by one: a tenth of the requests keeps an
// objective of 12 %, and breaks one of 8 %, though no second is without a failure.
func TestFaultsAreHeldToAnObjective(t *testing.T) {
	var trials []v1alpha1.Trial
	v := v1alpha1.MetricValue{Metric: v1alpha1.MetricErrors}
	for round := 1; round <= 6; round++ {
		failed := int64(300 + round - 3)
		x := v1alpha1.Trial{Round: round, Load: &v1alpha1.LoadResult{Requests: 3000 - failed, Sockets: 32,
			Errors: []v1alpha1.ErrorCount{{Class: v1alpha1.ErrorFault, Count: failed}}}}
		for s := range 30 {
			x.Series = append(x.Series, v1alpha1.Second{OffsetSeconds: s, Requests: 90, Errors: failed / 30})
		}
		trials = append(trials, x)
		v.PerRound = append(v.PerRound, v1alpha1.RoundValue{Round: round, Value: float64(failed) / 3000})
	}
	for bound, want := range map[float64]v1alpha1.VerdictResult{0.12: v1alpha1.VerdictPass, 0.08: v1alpha1.VerdictFail,
		0.1: v1alpha1.VerdictInconclusive} {
		s := SLO{Metric: v1alpha1.MetricErrors, Bound: bound}
		e, why := s.share(trials, v)
		if got, what := s.judge(e, why); got != want {
			t.Errorf("errors < %g: %s, %s; want %s", bound, got, what, want)
		}
	}
}

// A share that is often 0 has no ratio: an objective that wants one is told what to write.
func TestAMultipleOfTheBaselinesErrorsIsRefusedWithAdvice(t *testing.T) {
	at := v1alpha1.Address{Experiment: "e", Level: "l", Arm: "a"}
	r := v1alpha1.Report{Comparisons: []v1alpha1.Comparison{{Address: at, Metric: v1alpha1.MetricErrors,
		Difference: &v1alpha1.Estimate{Value: 0.1}, Conclusion: v1alpha1.ConclusionHigher}}}
	s, err := Parse("errors < baseline * 2")
	if err != nil {
		t.Fatal(err)
	}
	e, why := s.estimate(report.IndexOf(r), v1alpha1.Cell{Address: at})
	if e != nil || !strings.Contains(why, "in percent") {
		t.Errorf("%+v, %q", e, why)
	}
}
