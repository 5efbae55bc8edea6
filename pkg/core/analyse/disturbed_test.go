package analyse_test

import (
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

func oneKill() fixture.Options {
	o := fixture.Kills(fixture.Options{})
	o.Experiment.Spec.Schedule.Rounds = 1
	return o
}

func severityOf(r v1alpha1.Report, code string) (v1alpha1.Severity, bool) {
	for _, f := range r.Findings {
		if f.Code == code {
			return f.Severity, true
		}
	}
	return "", false
}

// What a disturbance does is the measurement: nothing is void by it, and arms are
// compared by differences with a test that zeros do not upset.
func TestADisturbanceIsMeasuredNotJudged(t *testing.T) {
	r := complete(t, fixture.Kills(fixture.Options{}), nil)
	for _, f := range r.Findings {
		if f.Severity != v1alpha1.SeverityInfo {
			t.Errorf("finding %+v", f)
		}
	}
	x := report.IndexOf(r)
	at := v1alpha1.Address{Experiment: "resilience", Level: "default", Arm: "meshy"}
	for m, want := range map[v1alpha1.Metric]struct {
		value, difference float64
		word              v1alpha1.Conclusion
	}{
		v1alpha1.MetricFailed:      {0.5, -11, v1alpha1.ConclusionLower},
		v1alpha1.MetricLongestGap:  {0.0355, 0.010, v1alpha1.ConclusionHigher},
		v1alpha1.MetricFailingTime: {0.0025, -0.0375, v1alpha1.ConclusionLower},
		v1alpha1.MetricRecovery:    {0, 0, v1alpha1.ConclusionNone},
		v1alpha1.MetricHeld:        {0, 0, v1alpha1.ConclusionNone},
	} {
		cell, _ := x.Cell(at)
		v, _ := report.Value(cell, m)
		if v.Value == nil || *v.Value < want.value-1e-9 || *v.Value > want.value+1e-9 {
			t.Errorf("%s is %+v, want %g", m, v, want.value)
		}
		c, ok := x.Comparison(at, m)
		if !ok || c.Ratio != nil || c.Difference == nil || c.Conclusion != want.word ||
			c.Difference.Value < want.difference-1e-9 || c.Difference.Value > want.difference+1e-9 {
			t.Errorf("%s is compared as %+v, want %+v", m, c, want)
		}
	}
	if c, _ := x.Comparison(at, v1alpha1.MetricFailed); c.TestPValue == nil || *c.TestPValue != 2.0/1024 {
		t.Errorf("ten rounds that agree have p %v, want 2/1024", c.TestPValue)
	}
	if got := evidenceOf(r, "disturbance"); strings.Count(got, "the mesh sends requests again is not known") != 1 {
		t.Errorf("of the meshed arm's retries it says: %q", got)
	}
	if got := evidenceOf(r, "disturbance"); !strings.Contains(got, "115 of ") || !strings.Contains(got, "reset 115") ||
		!strings.Contains(got, "from 3.001 s to 3.020 s") {
		t.Errorf("the disturbance is told as %q", got)
	}
	if got := evidenceOf(r, "fragile-baseline"); !strings.Contains(got, "11.5 requests failed") {
		t.Errorf("the baseline that is more fragile is explained by %q", got)
	}
}

func TestUndisturbedRunsHaveNoneOfIt(t *testing.T) {
	r := complete(t, fixture.Options{}, nil)
	for _, c := range r.Cells {
		if _, has := report.Value(c, v1alpha1.MetricFailed); has {
			t.Errorf("%s has a metric of a disturbance", c.Arm)
		}
	}
}

// What comes before the disturbance is judged as ever.
func TestFailuresBeforeADisturbanceAreTrouble(t *testing.T) {
	r := complete(t, fixture.Kills(fixture.Options{Edit: func(x *v1alpha1.Trial) {
		if x.Arm == "meshy" {
			x.Load.Errors = append(x.Load.Errors, v1alpha1.ErrorCount{Class: v1alpha1.ErrorStatus, Detail: "503", Count: 20})
		}
	}}), nil)
	if s, found := severityOf(r, "errors"); !found || s != v1alpha1.SeverityWarn {
		t.Errorf("failures that no disturbance explains are %q, %t: %v", s, found, codes(r))
	}
}

// Three rounds rank nobody, whatever they show.
func TestFewEventsRankNobody(t *testing.T) {
	r := complete(t, oneKill(), nil)
	if got := evidenceOf(r, "few-events"); got != "1 event of a disturbance: so few rank nobody" {
		t.Errorf("one event: %q", got)
	}
	for _, c := range r.Comparisons {
		if c.Conclusion != v1alpha1.ConclusionInconclusive {
			t.Errorf("one event, and %s is %s", c.Metric, c.Conclusion)
		}
	}
}

// A percentile that never came back is known to take longer, and is no zero.
func TestWhatIsNotOverIsALowerBound(t *testing.T) {
	r := complete(t, fixture.Kills(fixture.Options{Edit: func(x *v1alpha1.Trial) {
		if x.Arm == "meshy" && x.Round == 4 {
			x.Load.Continuity.RecoveredSeconds = nil
			x.Load.Continuity.Gaps[1].ToSeconds = x.Window.Seconds
		}
	}}), nil)
	at := v1alpha1.Address{Experiment: "resilience", Level: "default", Arm: "meshy"}
	x := report.IndexOf(r)
	cell, _ := x.Cell(at)
	for _, m := range []v1alpha1.Metric{v1alpha1.MetricRecovery, v1alpha1.MetricLongestGap} {
		v, _ := report.Value(cell, m)
		c, _ := x.Comparison(at, m)
		if v.Value != nil || v.AtLeast == nil || !strings.HasPrefix(v.Missing, "> ") ||
			c.Conclusion != v1alpha1.ConclusionBound {
			t.Errorf("%s is %+v, compared as %s", m, v, c.Conclusion)
		}
	}
}

// A rate that leaves the targets that remain no room is told where it is known.
func TestARateWithoutRoomIsFound(t *testing.T) {
	for rate, want := range map[v1alpha1.Rate]bool{500: false, 15_000: true} {
		o := fixture.Kills(fixture.Options{})
		o.Experiment.Spec.Factors.Rate = v1alpha1.Values[v1alpha1.Rate]{rate}
		r, levels := fixture.Report(o)
		loop, more := fixture.Report(fixture.Options{})
		r, levels = fixture.Join(r, levels, loop, more)
		if _, found := severityOf(analysed(t, r, levels), "near-capacity"); found != want {
			t.Errorf("at %s/s near-capacity is found: %t", rate, found)
		}
	}
}

func TestImpossibleContinuityIsRefused(t *testing.T) {
	for name, edit := range map[string]func(*v1alpha1.Continuity){
		"more failures than there were": func(c *v1alpha1.Continuity) { c.Failed = 1000 },
		"a gap beyond the window":       func(c *v1alpha1.Continuity) { c.Gaps[1].ToSeconds = 99 },
		"a gap that ends before":        func(c *v1alpha1.Continuity) { c.Gaps[1].ToSeconds = 0 },
		"fewer held than none":          func(c *v1alpha1.Continuity) { c.Held = -1 },
	} {
		r := complete(t, fixture.Kills(fixture.Options{Edit: func(x *v1alpha1.Trial) { edit(x.Load.Continuity) }}), nil)
		if _, found := severityOf(r, "impossible-figures"); !found {
			t.Errorf("%s passes: %v", name, codes(r))
		}
	}
}

func analysed(t *testing.T, r v1alpha1.Report, levels map[string][]v1alpha1.Level) v1alpha1.Report {
	t.Helper()
	done, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
	if err != nil {
		t.Fatal(err)
	}
	return done
}
