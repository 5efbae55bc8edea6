package analyse_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

func failing(share float64) v1alpha1.Experiment {
	e := fixture.Named("errors", 6)
	e.Spec.Factors.ErrorRatio = v1alpha1.Values[float64]{share}
	return e
}

// Failures that a level asks for are the measurement: with one in ten of them
// nothing is void, nothing warns, and what the client saw, what it cost and how long
// the answered ones took are told and compared.
func TestFailuresThatAreAskedForAreNoTrouble(t *testing.T) {
	r := complete(t, fixture.Errors(fixture.Options{Samples: 5000}), nil)
	for _, f := range r.Findings {
		if f.Severity != v1alpha1.SeverityInfo {
			t.Errorf("finding %+v", f)
		}
	}
	x := report.IndexOf(r)
	at := func(arm string) v1alpha1.Address {
		return v1alpha1.Address{Experiment: "errors", Level: "errorRatio=0.1", Arm: arm}
	}
	for arm, want := range map[string]map[v1alpha1.Metric]float64{
		"plain": {v1alpha1.MetricErrors: 0.1, v1alpha1.MetricAmplification: 1, v1alpha1.MetricThroughput: 450},
		"meshy": {v1alpha1.MetricErrors: 0.001, v1alpha1.MetricAmplification: 1.11, v1alpha1.MetricThroughput: 499.5},
	} {
		c, _ := x.Cell(at(arm))
		if c.Void || c.Faults != c.Errors || c.Errors == 0 {
			t.Errorf("%s: void %t, %d errors, %d of them as asked", arm, c.Void, c.Errors, c.Faults)
		}
		for m, v := range want {
			if got, _ := report.Value(c, m); got.Value == nil || *got.Value < v*0.98-0.0002 || *got.Value > v*1.02+0.0002 {
				t.Errorf("%s: %s is %+v, want %g", arm, m, got, v)
			}
		}
		for _, m := range []v1alpha1.Metric{v1alpha1.MetricSuccessP50, v1alpha1.MetricSuccessP99} {
			if got, _ := report.Value(c, m); got.Value == nil {
				t.Errorf("%s: %s is %+v", arm, m, got)
			}
		}
	}
	plain, _ := x.Cell(at("plain"))
	if v, _ := report.Value(plain, v1alpha1.MetricP99); v.Value != nil || v.AtLeast == nil {
		t.Errorf("one in ten failed, and p99 is known: %+v", v)
	}
	errors, _ := x.Comparison(at("meshy"), v1alpha1.MetricErrors)
	if errors.Ratio != nil || errors.Difference == nil || errors.Difference.Value > -0.098 ||
		errors.Conclusion != v1alpha1.ConclusionLower {
		t.Errorf("errors are compared as %+v, want a difference of ten points", errors)
	}
	if c, _ := x.Comparison(at("meshy"), v1alpha1.MetricSuccessP99); c.Ratio == nil ||
		c.Conclusion != v1alpha1.ConclusionHigher {
		t.Errorf("the latency of the answered is compared as %+v", c)
	}
	if !slices.ContainsFunc(r.Findings, func(f v1alpha1.Finding) bool {
		return f.Code == "mesh-retries" && f.Arm == "meshy" && strings.Contains(f.Evidence, "the client saw 0.0999 % fail")
	}) {
		t.Errorf("nothing says what the retries hid: %+v", r.Findings)
	}
}

// Only as many as can have been drawn are as asked, and only what the target says.
func TestFailuresBeyondWhatWasAskedAreJudged(t *testing.T) {
	count := func(class v1alpha1.ErrorClass, n int64) func(*v1alpha1.Trial) {
		return func(t *v1alpha1.Trial) {
			t.Received = nil
			t.Load.Errors = []v1alpha1.ErrorCount{{Class: class, Detail: "503", Count: n}}
		}
	}
	for name, c := range map[string]struct {
		share float64
		edit  func(*v1alpha1.Trial)
		want  v1alpha1.Severity // empty for no finding
	}{
		"as many as asked":       {0.1, count(v1alpha1.ErrorFault, 222), ""},
		"twice as many":          {0.1, count(v1alpha1.ErrorFault, 500), v1alpha1.SeverityWarn},
		"most of them":           {0.1, count(v1alpha1.ErrorFault, 1500), v1alpha1.SeverityVoid},
		"though none were":       {0, count(v1alpha1.ErrorFault, 222), v1alpha1.SeverityWarn},
		"by the mesh, not by us": {0.1, count(v1alpha1.ErrorStatus, 100), v1alpha1.SeverityWarn},
		"many by the mesh":       {0.1, count(v1alpha1.ErrorStatus, 400), v1alpha1.SeverityVoid},
		"a mesh's beside our own's": {0.1, func(t *v1alpha1.Trial) {
			count(v1alpha1.ErrorFault, 222)(t)
			t.Load.Errors = append(t.Load.Errors, v1alpha1.ErrorCount{Class: v1alpha1.ErrorStatus, Detail: "503", Count: 5})
		}, v1alpha1.SeverityWarn},
	} {
		r := complete(t, fixture.Options{Experiment: failing(c.share), Edit: c.edit}, nil)
		var got v1alpha1.Severity
		for _, f := range r.Findings {
			if f.Code == "errors" {
				got = f.Severity
			}
		}
		if got != c.want {
			t.Errorf("%s: severity %q, want %q: %+v", name, got, c.want, r.Findings)
		}
	}
}

// More than failures explain was not sent again because of them.
func TestMoreThanRetriesExplainIsNoRetry(t *testing.T) {
	for name, c := range map[string]struct {
		times float64
		want  v1alpha1.Severity
	}{"as retries do": {1.1, v1alpha1.SeverityInfo}, "mirrored": {2, v1alpha1.SeverityWarn}} {
		r := complete(t, fixture.Options{Experiment: failing(0.1), Edit: onArm("meshy", func(t *v1alpha1.Trial) {
			received := int64(c.times * float64(t.Received.Sent))
			faults := received / 10
			t.Received.Received, t.Received.Faults = received, &faults
		})}, nil)
		i := slices.IndexFunc(r.Findings, func(f v1alpha1.Finding) bool { return f.Code == "mesh-retries" })
		if i < 0 || r.Findings[i].Severity != c.want {
			t.Errorf("%s: %+v", name, r.Findings)
		}
	}
}

// Requests that the target failed reached it: they hide no impostor.
func TestFaultsHideNoImpostor(t *testing.T) {
	r := complete(t, fixture.Options{Experiment: failing(0.1), Edit: onArm("meshy", func(t *v1alpha1.Trial) {
		fixture.Fail(t, 0.1, 0)
		t.Received.Received = t.Received.Sent * 2 / 3
		*t.Received.Faults = t.Received.Received / 10
	})}, nil)
	if !slices.Contains(codes(r), "impostor") {
		t.Errorf("a third of the requests never reached the target: %v", codes(r))
	}
}

// What a tenth of failures hides is no bound of the answered alone: rounds too short
// for their percentiles are too few data, and no more.
func TestFailuresLeaveNoBoundOfTheAnswered(t *testing.T) {
	r := complete(t, fixture.Errors(fixture.Options{Samples: 800}), nil)
	at := v1alpha1.Address{Experiment: "errors", Level: "errorRatio=0.1", Arm: "meshy"}
	answered, _ := report.IndexOf(r).Comparison(at, v1alpha1.MetricSuccessP99)
	if c := answered; c.Conclusion != v1alpha1.ConclusionInconclusive {
		t.Errorf("the answered alone: %+v", c)
	}
	if c, _ := report.IndexOf(r).Comparison(at, v1alpha1.MetricP99); c.Conclusion != v1alpha1.ConclusionBound {
		t.Errorf("all requests: %+v", c)
	}
}
