package analyse_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

// possible is a clean trial of an open schedule: 2,000 requests at 1,000/s.
func possible() v1alpha1.Trial {
	r, _ := fixture.Report(fixture.Options{Experiment: openExperiment()})
	return r.Trials[0]
}

func TestWhatNoWorkerCanMeasureIsImpossible(t *testing.T) {
	if why := analyse.Impossible(possible(), 1000); why != "" {
		t.Fatalf("a clean trial has %s", why)
	}
	negative, much := int64(-1), 1e6
	for name, c := range map[string]struct {
		edit func(*v1alpha1.Trial)
		says string
	}{
		"negative requests": {func(t *v1alpha1.Trial) { t.Load.Requests = -5 }, "-5 answered requests"},
		"negative errors": {func(t *v1alpha1.Trial) {
			t.Load.Errors = []v1alpha1.ErrorCount{{Class: v1alpha1.ErrorReset, Count: -2}}
		}, `-2 errors of class "reset"`},
		"negative unsent":         {func(t *v1alpha1.Trial) { t.Load.Unsent = -1 }, "-1 unsent"},
		"negative sockets":        {func(t *v1alpha1.Trial) { t.Load.Sockets = -1 }, "-1 sockets"},
		"negative window sockets": {func(t *v1alpha1.Trial) { t.Load.WindowSockets = &negative }, "-1 sockets in the window"},
		"negative seconds": {func(t *v1alpha1.Trial) {
			t.Series = []v1alpha1.Second{{OffsetSeconds: 3, Requests: 1, Errors: -1}}
		}, "-1 errors in second 3"},
		"negative received": {func(t *v1alpha1.Trial) { t.Received = &v1alpha1.ReceivedCount{Sent: 5, Received: -5} },
			"-5 received"},
		"more requests than times": {func(t *v1alpha1.Trial) { t.Load.Requests++ }, "2000 service times of 2001"},
		"fewer response times": {func(t *v1alpha1.Trial) {
			h := *t.Load.ResponseTime
			h.Count--
			t.Load.ResponseTime = &h
		}, "1999 response times"},
		"failures without failures": {func(t *v1alpha1.Trial) { t.Load.ErrorTime = t.Load.ServiceTime },
			"2000 times of failed requests"},
		"censored without loss": {func(t *v1alpha1.Trial) { t.Load.Censored = t.Load.ServiceTime },
			"2000 requests without an answer"},
		"clamped beyond all":  {func(t *v1alpha1.Trial) { t.Load.ServiceTime.Clamped = 9999 }, "9999 of 2000 samples"},
		"clamped below 0":     {func(t *v1alpha1.Trial) { t.Load.ServiceTime.Clamped = -1 }, "-1 of 2000"},
		"infinite latency":    {func(t *v1alpha1.Trial) { t.Load.ServiceTime.MaxSeconds = math.Inf(1) }, "a range of"},
		"a mean beyond it":    {func(t *v1alpha1.Trial) { t.Load.ServiceTime.MeanSeconds = 9 }, "a mean of 9 s"},
		"no mean":             {func(t *v1alpha1.Trial) { t.Load.ServiceTime.MeanSeconds = math.NaN() }, "a range of"},
		"beyond the schedule": {func(t *v1alpha1.Trial) { t.Load.Unsent = 100 }, "2100 requests where 2000 were due"},
		"a window backwards": {func(t *v1alpha1.Trial) { t.Window.EndedAt = t.Window.StartedAt.Add(-time.Hour) },
			"ends 3.6e+03 s before it begins"},
		"a window of another length": {func(t *v1alpha1.Trial) { t.Window.EndedAt = t.Window.EndedAt.Add(time.Hour) },
			"whose ends are 3602 s apart"},
		"a window of years": {func(t *v1alpha1.Trial) { t.Window.Seconds = 1e9 }, "a window of 1e+09 s"},
		"a busy generator": {func(t *v1alpha1.Trial) { t.Clients[0].CPUSeconds = &much },
			"a load generator with impossible"},
		"coverage beyond the window": {func(t *v1alpha1.Trial) { t.Resources.Containers[0].CoveredSeconds = 60 },
			"samples cover 60.0 s"},
		"a node beyond its CPUs": {func(t *v1alpha1.Trial) { t.Resources.Nodes[0].CPUSeconds = &much }, "node "},
	} {
		trial := possible()
		c.edit(&trial)
		if why := analyse.Impossible(trial, 1000); !strings.Contains(why, c.says) {
			t.Errorf("%s: %q, want %q", name, why, c.says)
		}
	}
}

// What happens to honest workers is no reason to doubt them.
func TestWhatIsOddIsPossible(t *testing.T) {
	for name, edit := range map[string]func(*v1alpha1.Trial){
		"void":                    func(t *v1alpha1.Trial) { t.Status, t.Load.Requests = v1alpha1.TrialVoid, -1 },
		"a clock set by a second": func(t *v1alpha1.Trial) { t.Window.EndedAt = t.Window.EndedAt.Add(time.Second) },
		"no clock": func(t *v1alpha1.Trial) {
			t.Window.StartedAt, t.Window.EndedAt = time.Time{},
				time.Time{}
		},
		"a request more than due": func(t *v1alpha1.Trial) { t.Load.Unsent = 1 },
		"nothing answered": func(t *v1alpha1.Trial) {
			empty := stats.NewHistogram().ToAPI()
			t.Load.Requests, t.Load.ServiceTime, t.Load.ResponseTime = 0, empty, empty
		},
		"nothing recorded": func(t *v1alpha1.Trial) { t.Load.ServiceTime, t.Load.ResponseTime = nil, nil },
	} {
		trial := possible()
		edit(&trial)
		if why := analyse.Impossible(trial, 1000); why != "" {
			t.Errorf("%s: %s", name, why)
		}
	}
}

func TestWindowsOfOneNodeDoNotOverlap(t *testing.T) {
	edit := func(x *v1alpha1.Trial) {
		if x.Arm == "meshy" && x.Round == 3 { // begins with the baseline's
			by := x.Window.EndedAt.Sub(x.Window.StartedAt) + 8*time.Second
			x.Window.StartedAt, x.Window.EndedAt = x.Window.StartedAt.Add(-by), x.Window.EndedAt.Add(-by)
		}
	}
	r := complete(t, fixture.Options{Edit: edit}, nil)
	for _, c := range r.Cells {
		if !c.Void || c.Rounds != 0 {
			t.Errorf("arm %s, with overlapping windows, has %d rounds", c.Arm, c.Rounds)
		}
	}
	r = complete(t, fixture.Options{Edit: func(x *v1alpha1.Trial) {
		edit(x)
		if x.Arm == "meshy" {
			x.Pods[0].Node = "node-7" // whose clock may be another
		}
	}}, nil)
	if slices.Contains(codes(r), "impossible-figures") {
		t.Error("windows by the clocks of two nodes are held against each other")
	}
}

// A report that somebody wrote by hand shows nothing of the cell they wrote.
func TestAReportThatWasEditedIsDistrusted(t *testing.T) {
	clean := complete(t, fixture.Options{}, nil)
	if got := analyse.Distrust(clean); len(got.Findings) != len(clean.Findings) || got.Cells[1].Void {
		t.Fatalf("a clean report is distrusted: %+v", got.Findings)
	}
	minus := -1.0
	for name, edit := range map[string]func(*v1alpha1.Report){
		"a trial": func(r *v1alpha1.Report) {
			load := *r.Trials[1].Load
			load.Requests *= 2
			r.Trials[1].Load = &load
		},
		"a sum":             func(r *v1alpha1.Report) { r.Cells[1].Requests *= 2 },
		"a count below 0":   func(r *v1alpha1.Report) { r.Cells[1].Errors = -1 },
		"a latency":         func(r *v1alpha1.Report) { r.Cells[1].Values[3].Value = &minus },
		"a round's latency": func(r *v1alpha1.Report) { r.Cells[1].Values[3].PerRound[0].Value = -1 },
	} {
		edited := complete(t, fixture.Options{}, nil)
		edited.Verdicts = []v1alpha1.Verdict{{Address: edited.Cells[1].Address, Result: v1alpha1.VerdictPass}}
		edit(&edited)
		got := analyse.Distrust(edited)
		if c := got.Cells[1]; !c.Void || slices.ContainsFunc(c.Values, func(v v1alpha1.MetricValue) bool {
			return v.Value != nil || len(v.PerRound) > 0
		}) {
			t.Errorf("%s: the cell shows %+v", name, c)
		}
		if got.Cells[0].Void || edited.Cells[1].Void {
			t.Errorf("%s: the other cell, or the report that was given, is void", name)
		}
		if !slices.Contains(codes(got), "impossible-figures") || got.Verdicts[0].Result != v1alpha1.VerdictInconclusive {
			t.Errorf("%s: findings %v, verdict %v", name, codes(got), got.Verdicts[0].Result)
		}
		for _, c := range got.Comparisons {
			if c.Conclusion != v1alpha1.ConclusionVoid || c.Ratio != nil {
				t.Errorf("%s: %s is compared", name, c.Metric)
			}
		}
		if again := analyse.Distrust(got); len(again.Findings) != len(got.Findings) {
			t.Errorf("%s: told twice", name)
		}
	}
}

func TestASearchThatWasEditedHasNoResult(t *testing.T) {
	edit := func(r *v1alpha1.Report) {
		for i, x := range r.Trials {
			if x.Arm == "plain" && x.Round == 4 {
				load := *x.Load
				load.Requests = -3
				r.Trials[i].Load = &load
			}
		}
	}
	r := completeSearch(t, fixture.SearchOptions{}, edit)
	read := completeSearch(t, fixture.SearchOptions{}, nil)
	edit(&read)
	for _, r := range []v1alpha1.Report{r, analyse.Distrust(read)} {
		if s := r.Searches[0]; s.Limit != nil || s.HoldsAt != nil || s.Conclusive || s.Reason == "" {
			t.Errorf("it shows %+v", s)
		}
		if s := r.Searches[1]; s.Ratio != nil || s.Conclusion != "" || s.Limit == nil {
			t.Errorf("the other arm shows %+v", s)
		}
		if !slices.Contains(codes(r), "impossible-figures") {
			t.Errorf("findings are %v", codes(r))
		}
	}
}
