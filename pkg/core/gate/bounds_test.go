package gate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/pkg/core/gate"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

func verdictOn(t *testing.T, o fixture.Options, text string) v1alpha1.Verdict {
	t.Helper()
	r, levels := fixture.Report(o)
	r.Experiments[0].Spec.SLOs = []string{text}
	r, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
	if err != nil {
		t.Fatal(err)
	}
	all, err := gate.Evaluate(r, nil)
	if err != nil || len(all) != 1 {
		t.Fatalf("verdicts are %+v, %v", all, err)
	}
	return all[0]
}

// All rounds together may have enough requests for a percentile that no single
// one has. Percentiles are never averaged, so that it has an interval as well.
func TestAPercentileIsOfAllRoundsTogether(t *testing.T) {
	v := verdictOn(t, fixture.Options{Samples: 20_000}, "p99.99 < 1s")
	if v.Result != v1alpha1.VerdictPass || strings.Contains(v.Evidence, "NaN") || !strings.Contains(v.Evidence, "[") {
		t.Errorf("the verdict is %+v", v)
	}
}

func failing(count func(round int) int64) func(*v1alpha1.Trial) {
	return func(t *v1alpha1.Trial) {
		if n := count(t.Round); n > 0 {
			t.Load.Errors = []v1alpha1.ErrorCount{{Class: v1alpha1.ErrorTimeout, Count: n}}
			fixture.Lose(t, n)
		}
	}
}

// A bound is read as the very number that a share of requests is.
func TestABoundIsExact(t *testing.T) {
	for failed, text := range map[float64]string{1: "0.1%", 2: "0.2%", 3: "0.3%", 7: "0.7%", 9: "0.9%"} {
		for operator, want := range map[string]bool{"<": false, "<=": true, ">": false, ">=": true} {
			if slo, err := gate.Parse("errors " + operator + " " + text); err != nil || slo.Holds(failed/1000) != want {
				t.Errorf("%v of 1,000 keep errors %s %s: %v, want %v, %v", failed, operator, text, !want, want, err)
			}
		}
	}
}

// One failure is enough to break an objective of none.
func TestNoErrorsMeansNone(t *testing.T) {
	one := failing(func(round int) int64 {
		if round == 4 {
			return 1
		}
		return 0
	})
	if v := verdictOn(t, fixture.Options{Edit: one}, "errors <= 0"); v.Result != v1alpha1.VerdictFail {
		t.Errorf("with one failure the verdict is %+v", v)
	}
	if v := verdictOn(t, fixture.Options{}, "errors <= 0%"); v.Result != v1alpha1.VerdictPass {
		t.Errorf("without failures the verdict is %+v", v)
	}
}

// That none of some requests failed says little of a share below one of them.
func TestNoErrorsAmongFewRequestsDecideNothing(t *testing.T) {
	for _, c := range []struct {
		samples int
		text    string
		want    v1alpha1.VerdictResult
	}{
		{50, "errors < 0.1%", v1alpha1.VerdictInconclusive}, // of 300 requests
		{50, "errors < 5%", v1alpha1.VerdictInconclusive},
		{1000, "errors < 5%", v1alpha1.VerdictPass},
		{1000, "errors < 0.1%", v1alpha1.VerdictInconclusive}, // of 6,000: six failures, which may be one event
		{1000, "errors < 0.01%", v1alpha1.VerdictInconclusive},
	} {
		if v := verdictOn(t, fixture.Options{Samples: c.samples}, c.text); v.Result != c.want {
			t.Errorf("%d requests in each of 6 rounds give %+v, want %s", c.samples, v, c.want)
		}
	}
}

// What holds for every share of requests is a slip: 1 for 1 %.
func TestBoundsOnErrorsThatSayNothing(t *testing.T) {
	for _, text := range []string{"errors < 1", "errors <= 5", "errors < 100%", "errors < 250%"} {
		if s, err := gate.Parse(text); err == nil {
			t.Errorf("%s is read as %+v", text, s)
		}
	}
	if _, err := gate.Parse("errors < 99%"); err != nil {
		t.Error(err)
	}
}

// A percentile of the answered requests says nothing of all of them where more
// failed than lie above it.
func TestFailuresHideAPercentile(t *testing.T) {
	const pass, fail, unknown = v1alpha1.VerdictPass, v1alpha1.VerdictFail, v1alpha1.VerdictInconclusive
	for _, c := range []struct {
		failed int64 // of 2,000
		text   string
		want   v1alpha1.VerdictResult
	}{
		{100, "p99 < 1s", unknown}, {100, "p99 < baseline * 9", unknown}, {100, "p90 < 1s", pass}, {100, "p99 < 1us", fail},
		{10, "p99 < 1s", pass}, {0, "p99 < 1s", pass}, {100, "mean < 1s", unknown},
	} {
		o := fixture.Options{Edit: func(t *v1alpha1.Trial) {
			if t.Arm == "meshy" {
				failing(func(int) int64 { return c.failed })(t)
			}
		}}
		if v := verdictOn(t, o, c.text); v.Result != c.want || c.want == unknown &&
			!strings.Contains(v.Evidence, "no answer") {
			t.Errorf("with %d failures: %+v, want %s", c.failed, v, c.want)
		}
	}
}

// No latency is below 0, however much rounds differ.
func TestIntervalsOfLatenciesAreNotNegative(t *testing.T) {
	o := fixture.Options{Latency: func(_ string, _ v1alpha1.Level, round int) time.Duration {
		if round == 3 {
			return 30 * time.Millisecond
		}
		return time.Millisecond
	}}
	if v := verdictOn(t, o, "p99 < 1ms"); v.Result != v1alpha1.VerdictInconclusive || strings.Contains(v.Evidence, "[-") {
		t.Errorf("the verdict is %+v", v)
	}
}
