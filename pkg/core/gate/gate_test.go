package gate_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/pkg/core/gate"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]gate.SLO{
		"p99 < 20ms":             {Metric: v1alpha1.MetricP99, Bound: 0.02},
		"p99.9<=1.5 s":           {Metric: v1alpha1.MetricP999, OrEqual: true, Bound: 1.5},
		"rps > 0.8 * baseline":   {Metric: v1alpha1.MetricThroughput, Above: true, Relative: true, Bound: 0.8},
		"p50 < baseline * 1.3":   {Metric: v1alpha1.MetricP50, Relative: true, Bound: 1.3},
		"throughput >= baseline": {Metric: v1alpha1.MetricThroughput, Above: true, OrEqual: true, Relative: true, Bound: 1},
		"rps > 20k":              {Metric: v1alpha1.MetricThroughput, Above: true, Bound: 20000},
		"cpu < 150ms":            {Metric: metric.Total().Name, Bound: 150},
		"cpu < 2 * baseline":     {Metric: metric.Total().Name, Relative: true, Bound: 2},
		"errors <= 0.1%":         {Metric: v1alpha1.MetricErrors, OrEqual: true, Bound: 0.001},
	} {
		got, err := gate.Parse(text)
		want.Text = got.Text
		if err != nil || math.Abs(got.Bound-want.Bound) > 1e-12 {
			t.Errorf("%s: %+v, %v", text, got, err)
			continue
		}
		if got.Bound = want.Bound; got != want {
			t.Errorf("%s is read as %+v, want %+v", text, got, want)
		}
	}
	for _, text := range []string{"", "p99", "p98 < 1ms", "p99 < 20", "p99 < -1ms", "rps > fast", "p99 < 2 * 3 * baseline",
		"p99 < baselines", "errors < NaN", "rps > Inf"} {
		if s, err := gate.Parse(text); err == nil || !strings.Contains(err.Error(), "objective") {
			t.Errorf("%q is read as %+v, %v", text, s, err)
		}
	}
}

func verdicts(t *testing.T, rounds int, edit func(*v1alpha1.Report), texts ...string) []v1alpha1.VerdictResult {
	t.Helper()
	r, levels := fixture.Report(fixture.Options{Experiment: fixture.Named("exp1", rounds)})
	if edit != nil {
		edit(&r)
	}
	r.Experiments[0].Spec.SLOs = texts
	r, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
	if err != nil {
		t.Fatal(err)
	}
	all, err := gate.Evaluate(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	var results []v1alpha1.VerdictResult
	for _, v := range all {
		if v.Arm != "meshy" || v.Evidence == "" {
			t.Errorf("verdict is %+v", v)
		}
		results = append(results, v.Result)
	}
	return results
}

// The fixture's arm is 1.5 times as slow as a baseline of 1 ms.
func TestOnlyAWholeIntervalDecides(t *testing.T) {
	const pass, fail, unknown = v1alpha1.VerdictPass, v1alpha1.VerdictFail, v1alpha1.VerdictInconclusive
	got := verdicts(t, 6, nil, "p50 < 2ms", "p50 < 1.2ms", "p50 < baseline * 1.6", "p50 < baseline * 1.4",
		"p50 < baseline * 1.5",
		"rps > 0.5 * baseline", "rps > 0.8 * baseline", "errors <= 0", "errors < 0.1%", "p99.99 < 1s", "errors < baseline")
	want := []v1alpha1.VerdictResult{pass, fail, pass, fail, unknown, pass, fail, pass, unknown, unknown, unknown}
	if !slices.Equal(got, want) {
		t.Errorf("verdicts are %v, want %v", got, want)
	}
	if got := verdicts(t, 2, nil, "p50 < 2ms", "p50 < baseline * 9"); !slices.Equal(got,
		[]v1alpha1.VerdictResult{unknown, unknown}) {
		t.Errorf("verdicts of 2 rounds are %v", got)
	}
	void := func(r *v1alpha1.Report) {
		r.Arms[0].Target.Containers = append(r.Arms[0].Target.Containers, v1alpha1.Container{Name: "x", Injected: true})
		r.Arms[0].DataPlane.OwnContainers = []string{"x"}
	}
	if got := verdicts(t, 6, void, "p50 < baseline * 9"); !slices.Equal(got, []v1alpha1.VerdictResult{unknown}) {
		t.Errorf("verdicts against a void baseline are %v", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("p99 < baseline * 1.3")
	f.Add("errors <= 0.1%")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := gate.Parse(text)
		if err == nil && (s.Metric == "" || s.Bound < 0 || math.IsNaN(s.Bound) || math.IsInf(s.Bound, 0)) {
			t.Errorf("%q is read as %+v", text, s)
		}
	})
}
