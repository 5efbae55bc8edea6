package compare_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/pkg/core/compare"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

// ran is a session whose trials a test may change, with a mesh of some cost.
func ran(t *testing.T, seed uint64, cost float64, samples int, edit func(*v1alpha1.Trial)) v1alpha1.Report {
	t.Helper()
	return analysed(t, fixture.Options{Seed: seed, Samples: samples, Edit: edit,
		Latency: func(arm string, _ v1alpha1.Level, _ int) time.Duration {
			if arm == "meshy" {
				return time.Duration(float64(time.Millisecond) * cost)
			}
			return time.Millisecond
		}})
}

func TestTheLeastRelevantChangeDecides(t *testing.T) {
	before, after := ran(t, 1, 1.5, 0, nil), ran(t, 2, 1.65, 0, nil)
	for _, c := range []struct {
		minChange float64
		want      compare.Word
	}{{0.02, compare.Regression}, {0.05, compare.Regression}, {0.095, compare.Undecided}, {0.2, compare.Equivalent}} {
		r := compare.Sides([]v1alpha1.Report{before}, []v1alpha1.Report{after}, c.minChange)
		if got := words(r)[v1alpha1.MetricP50]; got != c.want {
			t.Errorf("10 %% with a least relevant change of %g %% is called %q, want %q", 100*c.minChange, got, c.want)
		}
		if r.Tests != len(r.Changes) || r.Unit != compare.UnitRound {
			t.Errorf("%d tests of %d changes over the %s", r.Tests, len(r.Changes), r.Unit)
		}
	}
}

// No word may contradict the interval beside it.
func TestEveryWordAgreesWithItsInterval(t *testing.T) {
	before := ran(t, 1, 1.5, 0, nil)
	for i := range 12 {
		r := compare.Reports(before, ran(t, uint64(i+2), 1.4+0.025*float64(i), 0, nil))
		for _, c := range r.Changes {
			if c.Factor == nil {
				continue
			}
			low, high := *c.Factor.Low, *c.Factor.High
			if c.Metric == v1alpha1.MetricThroughput {
				low, high = 1/high, 1/low
			}
			if c.Word == compare.Regression && low <= 1+r.MinChange || c.Word == compare.Improvement &&
				high >= 1/(1+r.MinChange) ||
				c.Word == compare.Equivalent && (high >= 1+r.MinChange || low <= 1/(1+r.MinChange)) {
				t.Errorf("%s is called %s, with the interval %.3f to %.3f", c.Metric, c.Word, low, high)
			}
		}
	}
}

// Whatever spoils a report keeps the gate from passing, and says why.
func TestWhatAReportForbidsIsNotJudged(t *testing.T) {
	const samples = 2000
	in := func(arm string, edit func(*v1alpha1.Trial)) func(*v1alpha1.Trial) {
		return func(trial *v1alpha1.Trial) {
			if trial.Arm == arm {
				edit(trial)
			}
		}
	}
	for name, c := range map[string]struct {
		trial  func(*v1alpha1.Trial)
		report func(*v1alpha1.Report)
		says   string
	}{
		"bypassed mesh": {report: func(r *v1alpha1.Report) {
			r.Arms[1].DataPlane.Path, r.Arms[1].DataPlane.OwnContainers = v1alpha1.PathNone, nil
		}, says: "mesh-not-in-path"},
		"another path": {report: func(r *v1alpha1.Report) { r.Arms[1].DataPlane.Path = v1alpha1.PathServerSide },
			says: `"server side" in`},
		"timeouts": {trial: in("meshy", func(trial *v1alpha1.Trial) {
			trial.Load.Errors = []v1alpha1.ErrorCount{{Class: v1alpha1.ErrorTimeout, Count: samples * 9 / 91}}
		}), says: "requests of meshy failed"},
		"failing baseline": {trial: in("plain", func(trial *v1alpha1.Trial) {
			trial.Load.Errors = []v1alpha1.ErrorCount{{Class: v1alpha1.ErrorTimeout, Count: samples * 9 / 91}}
		}), says: "requests of plain failed"},
		"saturated client": {trial: in("plain", func(trial *v1alpha1.Trial) {
			used := 1.99 * trial.Window.Seconds
			trial.Clients[0].CPUSeconds = &used
		}), says: "client-cpu-limit"},
		"collapsed baseline": {trial: in("plain", func(trial *v1alpha1.Trial) { trial.Window.Seconds *= 3 }),
			says: "the ratio is not the mesh's"},
	} {
		t.Run(name, func(t *testing.T) {
			good := ran(t, 1, 1.5, samples, nil)
			r, levels := fixture.Report(fixture.Options{Seed: 2, Edit: c.trial})
			if c.report != nil {
				c.report(&r)
			}
			bad, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
			if err != nil {
				t.Fatal(err)
			}
			for _, got := range []compare.Result{compare.Reports(good, bad), compare.Reports(bad, good)} {
				if why := got.Undecided(); !strings.Contains(why, c.says) {
					t.Errorf("the gate says %q, want %q; the changes are %+v", why, c.says, got.Changes)
				}
			}
		})
	}
}

func TestACopiedReportIsNotJudged(t *testing.T) {
	before := ran(t, 1, 1.5, 0, nil)
	after := ran(t, 1, 1.5, 0, nil)
	after.Run.ID = "another"
	if why := compare.Reports(before, after).Undecided(); !strings.Contains(why, "one is a copy") {
		t.Errorf("the gate says %q", why)
	}
	twice := []v1alpha1.Report{before, after}
	others := []v1alpha1.Report{ran(t, 2, 1.5, 0, nil), ran(t, 3, 1.5, 0, nil)}
	if why := compare.Sides(twice, others, compare.MinChange).Undecided(); !strings.Contains(why, "one is a copy") {
		t.Errorf("one report twice on a side: the gate says %q", why)
	}
}

func TestAGateThatDecidedPasses(t *testing.T) {
	r := compare.Reports(ran(t, 1, 1.5, 12_000, nil), ran(t, 2, 1.5, 12_000, nil))
	if why := r.Undecided(); why != "" || r.Count(compare.Regression) > 0 {
		t.Errorf("the gate says %q of %+v", why, r.Changes)
	}
	if got := words(r); got[v1alpha1.MetricThroughput] != compare.Equivalent || got["p99.9"] == "" {
		t.Errorf("%v, want an equivalent throughput, and p99.9 compared", got)
	}
}

// In a long run, no failure on either side is known to be no change; in a short
// one it is not.
func TestErrorsAreCompared(t *testing.T) {
	failing := func(share float64) func(*v1alpha1.Trial) {
		return func(trial *v1alpha1.Trial) {
			if trial.Arm == "meshy" {
				trial.Load.Errors = []v1alpha1.ErrorCount{{Class: v1alpha1.ErrorReset,
					Count: int64(share*float64(trial.Load.Requests)) + int64(trial.Round%2)}}
			}
		}
	}
	for _, c := range []struct {
		samples int
		after   func(*v1alpha1.Trial)
		want    compare.Word
	}{
		{12_000, nil, compare.Equivalent}, {12_000, failing(0.008), compare.Regression}, {100, nil, compare.Undecided},
	} {
		r := compare.Reports(ran(t, 1, 1.5, c.samples, nil), ran(t, 2, 1.5, c.samples, c.after))
		if got := words(r)[v1alpha1.MetricErrors]; got != c.want {
			t.Errorf("errors of %d requests a trial are called %q, want %q: %+v", c.samples, got, c.want, r.Changes)
		}
	}
}

func TestSeveralReportsAreTheUnit(t *testing.T) {
	side := func(first uint64, n int, cost float64) (all []v1alpha1.Report) {
		for i := range n {
			all = append(all, ran(t, first+uint64(i), cost, 0, nil))
		}
		return all
	}
	r := compare.Sides(side(1, 4, 1.3), side(11, 4, 1.6), compare.MinChange)
	if got := words(r)[v1alpha1.MetricThroughput]; got != compare.Regression || r.Unit != compare.UnitReport {
		t.Errorf("a dearer mesh is called %q over the %s", got, r.Unit)
	}
	for _, c := range r.Changes {
		// None of some thousand requests failed: that is not the same as none ever.
		if e := c.Before; c.Metric == v1alpha1.MetricErrors && (e == nil || e.Value != 0 || e.Low == nil || *e.Low >= 0) {
			t.Errorf("errors before are %+v, want 0 with an interval", e)
		}
	}
	few := compare.Sides(side(1, 1, 1.3), side(11, 2, 1.6), compare.MinChange)
	if why := few.Undecided(); !strings.Contains(why, "3 reports in all") {
		t.Errorf("of three reports the gate says %q", why)
	}
}

func TestABaselineThatMovedIsSaid(t *testing.T) {
	warned := strings.Join(compare.Reports(session(t, "a", 1, 1.5, 6), session(t, "b", 1.2, 1.5, 6)).Warnings, "\n")
	if !strings.Contains(warned, "the baseline itself moved: its throughput") {
		t.Errorf("warnings are %q", warned)
	}
}

// A metric that only one report has is named, whichever it is.
func TestAMetricOfOneReportIsNotJudged(t *testing.T) {
	whole := ran(t, 1, 1.5, 0, nil)
	lacks := ran(t, 2, 1.5, 0, func(trial *v1alpha1.Trial) { trial.Resources = nil })
	for _, r := range []compare.Result{compare.Reports(whole, lacks), compare.Reports(lacks, whole)} {
		if got := words(r)["cpu-total"]; got != compare.Unknown {
			t.Errorf("CPU that one report lacks is called %q: %+v", got, r.Changes)
		}
	}
}

// An edited report may hold what cannot be; the comparison can still be written.
func TestImpossibleValuesAreNotJudged(t *testing.T) {
	good, edited := ran(t, 1, 1.5, 0, nil), ran(t, 2, 1.5, 0, nil)
	for _, cell := range edited.Cells {
		for _, v := range cell.Values {
			for i := range v.PerRound {
				if cell.Arm == "plain" {
					break
				}
				v.PerRound[i].Value = []float64{1e308, 5e-324}[i%2]
			}
		}
	}
	r := compare.Reports(good, edited)
	if _, err := json.Marshal(r); err != nil {
		t.Error(err)
	}
	if got := words(r)[v1alpha1.MetricP50]; got == compare.Equivalent || r.Undecided() == "" {
		t.Errorf("impossible values are called %q, and the gate says %q", got, r.Undecided())
	}
}

// An arm that is gone afterwards does not pass for one that did not change.
func TestAnArmThatIsGoneIsNotJudged(t *testing.T) {
	with := func(seed uint64, arms ...string) v1alpha1.Report {
		return analysed(t, fixture.Options{Seed: seed, Samples: 12_000, Arms: arms})
	}
	both, one := with(1, "plain", "meshy", "other"), with(2, "plain", "meshy")
	if why := compare.Reports(both, one).Undecided(); !strings.Contains(why, "nothing of other") {
		t.Errorf("the gate says %q", why)
	}
	if why := compare.Reports(one, both).Undecided(); why != "" {
		t.Errorf("of an arm that came the gate says %q", why)
	}
}

func TestALevelWithoutItsFirstFigureIsNotPassed(t *testing.T) {
	without := func(seed uint64) v1alpha1.Report {
		r := ran(t, seed, 1.5, 12_000, nil)
		r.Comparisons = slices.DeleteFunc(r.Comparisons,
			func(c v1alpha1.Comparison) bool { return c.Metric == v1alpha1.MetricThroughput })
		return r
	}
	if why := compare.Reports(without(1), without(2)).Undecided(); !strings.Contains(why, "neither report has") {
		t.Errorf("the gate says %q", why)
	}
}
