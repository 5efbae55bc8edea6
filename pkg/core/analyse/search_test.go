package analyse_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

func completeSearch(t *testing.T, o fixture.SearchOptions, edit func(*v1alpha1.Report)) v1alpha1.Report {
	t.Helper()
	r, levels := fixture.Search(o)
	if edit != nil {
		edit(&r)
	}
	done, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func TestSearchesAreBracketsAndTheirRatios(t *testing.T) {
	r := completeSearch(t, fixture.SearchOptions{}, nil)
	if len(r.Searches) != 2 || len(r.Cells) != 0 || len(r.Findings) != 0 {
		t.Fatalf("%d searches, %d cells, findings %v; want 2, 0, none", len(r.Searches), len(r.Cells), r.Findings)
	}
	for i, limit := range []float64{7000, 3000} {
		s := r.Searches[i]
		if !s.Conclusive || *s.HoldsAt > limit || *s.FailsAt <= limit || s.Probe == nil {
			t.Errorf("search of %s is %+v, want a bracket around %v", s.Arm, s, limit)
		}
		if l := s.Limit; l == nil || l.Value == nil || *l.Low > limit*1.005 || *l.High < limit || *l.High > 1.1**l.Low {
			t.Errorf("limit of %s is %v..%v, want an interval around %v", s.Arm, *l.Low, *l.High, limit)
		}
	}
	if r.Searches[0].Ratio != nil {
		t.Error("the baseline has a ratio to itself")
	}
	if e := r.Searches[1].Ratio; e == nil || *e.Low > 3.0/7 || *e.High < 3.0/7 || e.Value < *e.Low || e.Value > *e.High {
		t.Errorf("ratio is %v, %v..%v, want one around 3/7", e.Value, *e.Low, *e.High)
	}
	if a, b := r.Searches[0].Conclusion, r.Searches[1].Conclusion; a != "" || b != v1alpha1.ConclusionLower {
		t.Errorf("conclusions are %q and %q, want none and lower", a, b)
	}
}

// A clean search has no finding, see above; each of these has one.
func TestEveryRuleForSearches(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	tests := map[string]struct {
		options fixture.SearchOptions
		edit    func(*v1alpha1.Report)
		says    string
	}{
		"search-inconclusive": {edit: func(r *v1alpha1.Report) { r.Trials = r.Trials[:6] }, says: "the run ended before"},
		"search-not-monotone": {options: fixture.SearchOptions{Limit: func(_ string, step int) float64 {
			if step == 3 {
				return 9000 // once, far above what it can do
			}
			return 3000
		}}, says: "contradict the result"},
		"search-split-vote": {options: fixture.SearchOptions{Limit: func(string, int) float64 {
			return 3000 * math.Exp(0.1*random.NormFloat64())
		}}, says: "an end of the bracket, "},
		"search-few-samples": {options: fixture.SearchOptions{Limit: func(string, int) float64 { return 200 }},
			says: "p99 needs 1000"},
		"search-client-cpu": {options: fixture.SearchOptions{EditTrial: func(t *v1alpha1.Trial) {
			used := 1.95 * t.Window.Seconds
			t.Clients[0].CPUSeconds = &used
		}}, says: "98 %"},
	}
	for code, c := range tests {
		t.Run(code, func(t *testing.T) {
			r := completeSearch(t, c.options, c.edit)
			if i := slices.IndexFunc(r.Findings, func(f v1alpha1.Finding) bool { return f.Code == code }); i < 0 ||
				!strings.Contains(r.Findings[i].Evidence, c.says) {
				t.Errorf("findings are %+v, want %s with %q", r.Findings, code, c.says)
			}
		})
	}
}

// together is a run of capacity and a constant rate.
func together(t *testing.T, rate v1alpha1.Rate) v1alpha1.Report {
	t.Helper()
	capacity, levels := fixture.Report(fixture.Options{Experiment: fixture.Capacity(4)})
	e := openExperiment()
	e.Spec.Factors.Rate = v1alpha1.Values[v1alpha1.Rate]{rate}
	constant, more := fixture.Report(fixture.Options{Experiment: e})
	r, all := fixture.Join(capacity, levels, constant, more)
	done, err := analyse.Complete(analyse.Input{Report: r, Levels: all})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func TestCapacityIsTheCeilingOfOthers(t *testing.T) {
	r := together(t, 1000)
	// 32 connections and 1 ms: 32 000 requests a second.
	if len(r.Ceilings) != 1 || r.Ceilings[0].Experiment != "exp2" || r.Ceilings[0].SourceLevel != "placement=cross-node" ||
		r.Ceilings[0].PerSecond < 30_000 || r.Ceilings[0].PerSecond > 34_000 {
		t.Errorf("ceilings are %+v", r.Ceilings)
	}
	for _, c := range r.Cells {
		if c.Experiment == "capacity" && c.Arm != "plain" {
			t.Errorf("there is a cell of %s without the baseline", c.Arm)
		}
	}
	if got := codes(r); slices.Contains(got, "above-ceiling") || slices.Contains(got, "no-data") {
		t.Errorf("findings are %v", got)
	}
}

func TestARateAboveTheCeilingIsFound(t *testing.T) {
	r := together(t, 50_000)
	i := slices.IndexFunc(r.Findings, func(f v1alpha1.Finding) bool { return f.Code == "above-ceiling" })
	if i < 0 || !strings.Contains(r.Findings[i].Evidence, "50000 requests/s is above the ceiling") {
		t.Errorf("findings are %+v", r.Findings)
	}
}

// Other ways there, or less to do, are no bound.
func TestOnlyTheSameWayIsACeiling(t *testing.T) {
	capacity := fixture.Capacity(4)
	capacity.Spec.Factors.ResponseBytes = v1alpha1.Values[int64]{100}
	a, levels := fixture.Report(fixture.Options{Experiment: capacity})
	b, more := fixture.Report(fixture.Options{Experiment: openExperiment()})
	r, all := fixture.Join(a, levels, b, more)
	done, err := analyse.Complete(analyse.Input{Report: r, Levels: all})
	if err != nil || len(done.Ceilings) != 0 {
		t.Errorf("ceilings are %+v, %v; want none", done.Ceilings, err)
	}
}

// A share of errors needs as many requests as a percentile does.
func TestASearchForErrorsNeedsRequests(t *testing.T) {
	for slo, want := range map[string]bool{"errors < 0.001%": true, "errors < 10%": false, "errors <= 0": false} {
		r := completeSearch(t, fixture.SearchOptions{Edit: func(e *v1alpha1.Experiment) { e.Spec.Search.SLO = slo }}, nil)
		if got := evidenceOf(r, "search-few-samples"); (got != "") != want || want && !strings.Contains(got, "needs 300000") {
			t.Errorf("%s: search-few-samples says %q", slo, got)
		}
	}
}

// Arms that do the same are told apart in few searches, however many there are.
func TestEqualLimitsAreNotToldApart(t *testing.T) {
	claims := 0
	for seed := range uint64(6) {
		random := rand.New(rand.NewPCG(seed, 7))
		r := completeSearch(t, fixture.SearchOptions{Arms: []string{"plain", "a", "b"}, Limit: func(string, int) float64 {
			return 400 * math.Exp(0.05*random.NormFloat64())
		}}, nil)
		for _, s := range r.Searches[1:] {
			if s.Ratio != nil && s.Conclusion != v1alpha1.ConclusionNone {
				claims++
			}
		}
	}
	if claims > 1 {
		t.Errorf("%d of 12 equal arms differ", claims)
	}
}

// What holds at every rate has no upper end, and so nothing to compare.
func TestALimitBeyondAllRatesIsOpen(t *testing.T) {
	r := completeSearch(t, fixture.SearchOptions{Limit: func(arm string, _ int) float64 {
		return map[string]float64{"plain": 9000}[arm] + 300
	}, Edit: func(e *v1alpha1.Experiment) { e.Spec.Search.Low, e.Spec.Search.High = 100, 1000 }}, nil)
	plain, meshy := r.Searches[0], r.Searches[1]
	if l := plain.Limit; plain.Conclusive || l == nil || l.High != nil || l.Value != nil || l.Low == nil ||
		*l.Low > 1000 ||
		*l.Low < 500 {
		t.Errorf("the limit of an arm that holds everywhere is %+v", l)
	}
	if l := meshy.Limit; l == nil || l.Value == nil || meshy.Ratio != nil {
		t.Errorf("limit %+v with ratio %+v, want one without", l, meshy.Ratio)
	}
}
