package analyse_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

func cellOf(r v1alpha1.Report, arm string) v1alpha1.Cell {
	for _, c := range r.Cells {
		if c.Arm == arm {
			return c
		}
	}
	return v1alpha1.Cell{}
}

// However they failed: with a tenth of the requests gone nothing is compared.
func TestFailuresOfAllClassesAddUp(t *testing.T) {
	r := complete(t, fixture.Options{Edit: onArm("meshy", func(trial *v1alpha1.Trial) {
		trial.Load.Errors = []v1alpha1.ErrorCount{{Class: v1alpha1.ErrorBodySize, Detail: "5 bytes", Count: 150},
			{Class: v1alpha1.ErrorTimeout, Count: 150}}
	})}, nil)
	if !cellOf(r, "meshy").Void {
		t.Errorf("300 of 2,300 requests failed, and the cell is compared: %v", codes(r))
	}
}

// Nothing answered and nothing failed is no throughput of 0.
func TestACellWithoutAnyRequestIsMissing(t *testing.T) {
	r := complete(t, fixture.Options{Edit: onArm("meshy", func(trial *v1alpha1.Trial) {
		trial.Load.Requests, trial.Load.ServiceTime = 0, nil
	})}, nil)
	if got := evidenceOf(r, "no-data"); !strings.Contains(got, "no request") {
		t.Errorf("no-data says %q; there are %v", got, codes(r))
	}
	if !cellOf(r, "meshy").Void {
		t.Error("the cell is compared")
	}
}

// In an open schedule the rate is given: one request more is not faster.
func TestARateThatWasGivenIsNotFaster(t *testing.T) {
	e := fixture.Named("exp2", 6)
	e.Spec.Factors.Rate = v1alpha1.Values[v1alpha1.Rate]{1000}
	r := complete(t,
		fixture.Options{Experiment: e, Samples: 30_000,
			Edit: onArm("plain", func(trial *v1alpha1.Trial) { fixture.Lose(trial, 1) })}, nil)
	if got := evidenceOf(r, "faster-than-baseline"); got != "" {
		t.Error(got)
	}
	slow := complete(t,
		fixture.Options{Experiment: e, Edit: onArm("plain", func(trial *v1alpha1.Trial) { fixture.Lose(trial, 200) })}, nil)
	if got := evidenceOf(slow, "overloaded"); !strings.Contains(got, "achieved") {
		t.Errorf("a baseline that is overloaded alone is not told of: %v", codes(slow))
	}
}

// Arms that were measured in different rounds have no pair.
func TestArmsWithoutACommonRoundAreFound(t *testing.T) {
	r := complete(t, fixture.Options{}, func(r *v1alpha1.Report) {
		r.Trials = slices.DeleteFunc(r.Trials,
			func(trial v1alpha1.Trial) bool { return (trial.Round > 3) == (trial.Arm == "plain") })
	})
	if got := evidenceOf(r, "few-rounds"); !strings.Contains(got, "0 rounds have both") {
		t.Errorf("few-rounds says %q; there are %v", got, codes(r))
	}
}

// Proxies in pods of their own are restarted too.
func TestRestartsOfSharedProxiesAreFound(t *testing.T) {
	r := complete(t, fixture.Options{Edit: onArm("meshy", func(trial *v1alpha1.Trial) {
		shared(trial, v1alpha1.SideNode, 0.1, nil)
		last := &trial.Resources.Containers[len(trial.Resources.Containers)-1]
		last.Restarted = trial.Round == 2
	})}, nil)
	if got := evidenceOf(r, "restarts"); !strings.Contains(got, "container proxy") || !strings.Contains(got, "round 2") {
		t.Errorf("restarts says %q; there are %v", got, codes(r))
	}
}

// Requests that a free connection sent late were held up by the generator.
func TestAGeneratorThatSendsLateIsFound(t *testing.T) {
	histogram := func(n int, d time.Duration) *v1alpha1.Histogram {
		h := stats.NewHistogram()
		for i := range n {
			h.Record(d + time.Duration(i)*time.Microsecond)
		}
		return h.ToAPI()
	}
	lag := func(usual, late time.Duration) *v1alpha1.Histogram {
		h := stats.NewHistogram()
		for i := range 2000 {
			if h.Record(usual); i%20 == 0 {
				h.Record(late)
			}
		}
		return h.ToAPI()
	}
	for name, c := range map[string]struct {
		edit func(*v1alpha1.Trial)
		want bool
	}{
		"in time": {func(trial *v1alpha1.Trial) {
			trial.Load.SendLag = lag(50*time.Microsecond,
				200*time.Microsecond)
		}, false},
		"late, though all were free": {func(trial *v1alpha1.Trial) {
			trial.Load.SendLag = lag(50*time.Microsecond,
				5*time.Millisecond)
		}, true},
		"late, for answers were": {func(trial *v1alpha1.Trial) {
			trial.Load.SendLag, trial.Load.ServiceTime = lag(50*time.Microsecond, 5*time.Millisecond),
				histogram(2000, 80*time.Millisecond)
		}, false},
	} {
		r := complete(t, fixture.Options{Experiment: openExperiment(), Edit: onArm("meshy", c.edit)}, nil)
		if got := evidenceOf(r, "send-lag"); (got != "") != c.want {
			t.Errorf("%s: send-lag says %q", name, got)
		}
	}
}
