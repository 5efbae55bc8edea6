package report

import (
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// usable is a trial of round n whose requests tell attempts apart.
func usable(arm string, round int, requests int64) v1alpha1.Trial {
	return v1alpha1.Trial{Experiment: "e", Level: "l", Arm: arm, Round: round, Status: v1alpha1.TrialCompleted,
		Window: &v1alpha1.Window{Seconds: 1}, Load: &v1alpha1.LoadResult{Requests: requests}}
}

func TestPartsAreFoundByTheirAddress(t *testing.T) {
	at := v1alpha1.Address{Experiment: "e", Level: "l", Arm: "meshy"}
	void := usable("meshy", 4, 9)
	void.Status = v1alpha1.TrialVoid
	endless := usable("meshy", 5, 9)
	endless.Window.Seconds = 0
	x := IndexOf(v1alpha1.Report{
		Arms: []v1alpha1.Arm{{Name: "plain", Role: v1alpha1.RoleBaseline}, {Name: "meshy", Role: v1alpha1.RoleMeshed}},
		Cells: []v1alpha1.Cell{{Address: at, Requests: 7},
			{Address: at.Of("plain"), Values: []v1alpha1.MetricValue{{Metric: v1alpha1.MetricP99}}}},
		Comparisons: []v1alpha1.Comparison{{Address: at, Metric: v1alpha1.MetricP50},
			{Address: at, Metric: v1alpha1.MetricP99, Pairs: 3}},
		Searches: []v1alpha1.SearchResult{{Address: at, SLO: "p99 < 1ms"}},
		Ceilings: []v1alpha1.Ceiling{{Experiment: "e", Level: "l", PerSecond: 5}},
		Trials: []v1alpha1.Trial{usable("meshy", 2, 1), usable("meshy", 1, 2), usable("plain", 1, 3), void, endless,
			usable("meshy", 2, 4)},
	})
	if x.Baseline().Name != "plain" || x.Role("meshy") != v1alpha1.RoleMeshed || x.Role("nobody") != "" {
		t.Errorf("the arms are %q and %q", x.Baseline().Name, x.Role("meshy"))
	}
	if c, ok := x.Cell(at); !ok || c.Requests != 7 {
		t.Errorf("the cell is %+v", c)
	}
	base, _ := x.Cell(at.Of(x.Baseline().Name))
	if _, ok := Value(base, v1alpha1.MetricP99); !ok {
		t.Error("the baseline's p99 is not found")
	}
	if c, ok := x.Comparison(at, v1alpha1.MetricP99); !ok || c.Pairs != 3 {
		t.Errorf("the comparison is %+v", c)
	}
	if s, ok := x.Search(at); !ok || s.SLO == "" {
		t.Errorf("the search is %+v", s)
	}
	if c, ok := x.Ceiling(at); !ok || c.PerSecond != 5 {
		t.Errorf("the ceiling is %+v", c)
	}
	trials := x.Trials(at)
	if len(trials) != 2 || trials[0].Load.Requests != 2 || trials[1].Load.Requests != 4 {
		t.Errorf("the trials are %+v, want one a round, the last attempt of each", trials)
	}
	elsewhere := v1alpha1.Address{Experiment: "e", Level: "other", Arm: "meshy"}
	_, cell := x.Cell(elsewhere)
	_, comparison := x.Comparison(elsewhere, v1alpha1.MetricP99)
	_, search := x.Search(elsewhere)
	_, ceiling := x.Ceiling(elsewhere)
	if cell || comparison || search || ceiling || len(x.Trials(elsewhere)) > 0 {
		t.Error("something is found where nothing is")
	}
}

func TestAScopeCoversWhatItDoesNotName(t *testing.T) {
	at := v1alpha1.Address{Experiment: "e", Level: "l", Arm: "a"}
	for scope, want := range map[v1alpha1.Scope]bool{
		{}: true, {Arm: "a"}: true, {Arm: "b"}: false, {Experiment: "e", Level: "l"}: true, {Level: "m", Arm: "a"}: false,
	} {
		if scope.Covers(at) != want {
			t.Errorf("%+v covers %+v: want %v", scope, at, want)
		}
	}
}
