package experiment

import (
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

func named(t testing.TB, name string) v1alpha1.Experiment {
	t.Helper()
	e, err := Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestAnyFieldCanBeSet(t *testing.T) {
	e, err := Set(named(t, "exp1"), []string{
		"spec.factors.rate=[1, 100, max]", "factors.responseBytes=16777216", "schedule.warmup=1m30s", "schedule.seed=7",
		"metadata.name=mine", "load.cpuLimit=1500m", "slos=['p99 < 20ms']", "nodes.target=node-1", "factors.connections=8",
		"factors.connections=",
	})
	if err != nil {
		t.Fatal(err)
	}
	if e, err = Resolve(e); err != nil {
		t.Fatal(err)
	}
	f, s := e.Spec.Factors, e.Spec.Schedule
	if len(f.Rate) != 3 || f.Rate[2] != v1alpha1.RateMax || f.ResponseBytes[0] != 16777216 || f.Connections[0] != 32 {
		t.Errorf("factors are %+v", f)
	}
	if s.Warmup.Duration != 90*time.Second || *s.Seed != 7 || e.Metadata.Name != "mine" ||
		e.Spec.Nodes.Target != "node-1" {
		t.Errorf("experiment is %+v", e)
	}
	if e.Spec.Load.CPULimit.MilliValue() != 1500 || len(e.Spec.SLOs) != 1 {
		t.Errorf("load is %+v, objectives %v", e.Spec.Load, e.Spec.SLOs)
	}
	if again := named(t, "exp1"); again.Metadata.Name != "exp1" || again.Spec.Nodes != nil {
		t.Error("setting changes the built-in experiment")
	}
}

func TestSettingsThatCannotBeSayWhy(t *testing.T) {
	for text, want := range map[string]string{
		"factors.rat=3":                 "no field \"factors.rat\": did you mean spec.factors.rate?",
		"rounds=3":                      "no field \"rounds\": did you mean ",
		"schedule.round=3":              "did you mean spec.schedule.rounds?",
		"spec.factors.rate.x=3":         "no field",
		"=3":                            "no field",
		"factors.rate":                  "there is no =",
		"factors.connections=many":      "spec.factors.connections: is a string, want a whole number",
		"factors.rate=[1, -1]":          "spec.factors.rate: rate \"-1\"",
		"schedule.rounds=[":             "the value is no YAML",
		"schedule.rounds={a: 1}":        "spec.schedule.rounds",
		"kind=Pod":                      "kind is \"Pod\"",
		"factors={conections: 3}":       "spec.factors.conections: no such field",
		strings.Repeat("x", 300) + "=1": "no field",
	} {
		_, err := Set(named(t, "exp1"), []string{text})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: error %v, want one with %q", text, err, want)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%.40s: the error has several lines: %v", text, err)
		}
	}
}

func FuzzSet(f *testing.F) {
	for _, text := range []string{"factors.rate=[1, max]", "spec.schedule.duration=5s", "slos=&a [*a]", "a.b.c=",
		"metadata={name: x}"} {
		f.Add(text)
	}
	e := named(f, "exp1")
	f.Fuzz(func(t *testing.T, text string) {
		changed, err := Set(e, []string{text})
		if err != nil {
			return
		}
		if resolved, err := Resolve(changed); err == nil && len(Levels(resolved)) == 0 {
			t.Error("a valid experiment without levels")
		}
	})
}

func TestNodesDecideThePlacement(t *testing.T) {
	for text, want := range map[string]v1alpha1.Placement{
		"nodes={load: a, target: a}": v1alpha1.PlacementSameNode,
		"nodes={load: a, target: b}": v1alpha1.PlacementCrossNode,
		"nodes={load: a}":            v1alpha1.PlacementCrossNode,
	} {
		e, err := Set(named(t, "exp1"), []string{text})
		if err != nil {
			t.Fatal(err)
		}
		if e, err = Resolve(e); err != nil || e.Spec.Factors.Placement[0] != want {
			t.Errorf("%s: placement %v, %v; want %s", text, e.Spec.Factors.Placement, err, want)
		}
	}
}

func TestBadSearchesAndNodesNameTheField(t *testing.T) {
	for spec, want := range map[string]string{
		"search: {slo: ''}":                                             "spec.search.slo: is empty",
		"search: {slo: p99 fast}":                                       "spec.search.slo: ",
		"search: {slo: p99 < 2 * baseline}":                             "refers to the baseline",
		"search: {slo: rps > 100}":                                      "is about the rate",
		"search: {slo: p99 < 1s}, factors: {rate: 100}":                 "spec.factors.rate: a search chooses",
		"search: {slo: p99 < 1s}, slos: [p99 < 1s]":                     "spec.slos: ",
		"search: {slo: p99 < 1s, low: 100, high: 50}":                   "spec.search.low: 100 is not below",
		"search: {slo: p99 < 1s, resolution: 2}":                        "spec.search.resolution: 2 is not between",
		"search: {slo: p99 < 1s, maxTrials: 2}":                         "spec.search.maxTrials: 2 is not between",
		"search: {slo: p99 < 1s, confirmations: 99}":                    "spec.search.confirmations: 99",
		"arms: meshed":                                                  "spec.arms: meshed is not one of",
		"nodes: {load: a, target: a}, factors: {placement: cross-node}": "spec.nodes: load and target are both pinned to a",
		"nodes: {load: a, target: b}, factors: {placement: same-node}":  "spec.nodes: load is pinned to a and target to b",
		"nodes: {load: 'no such/name'}":                                 "spec.nodes.load: ",
	} {
		e, err := Parse([]byte(head + "spec: {" + spec + "}"))
		if err != nil {
			t.Errorf("%s: %v", spec, err)
			continue
		}
		if _, err := Resolve(e); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", spec, err, want)
		}
	}
}
