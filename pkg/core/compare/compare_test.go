package compare_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/pkg/core/compare"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

// session is a run on a machine of some speed, with a mesh of some cost.
func session(t *testing.T, id string, speed, cost float64, rounds int) v1alpha1.Report {
	t.Helper()
	r, levels := fixture.Report(fixture.Options{
		Experiment: fixture.Named("exp1", rounds), Seed: uint64(id[0]),
		Latency: func(arm string, _ v1alpha1.Level, round int) time.Duration {
			d := float64(time.Millisecond) * speed * (1 + 0.01*float64(round%3))
			if arm == "meshy" {
				d *= cost * (1 + 0.005*float64(round%2))
			}
			return time.Duration(d)
		},
	})
	r.Run.ID = id
	done, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func words(r compare.Result) map[v1alpha1.Metric]compare.Word {
	all := map[v1alpha1.Metric]compare.Word{}
	for _, c := range r.Changes {
		all[c.Metric] = c.Word
	}
	return all
}

func TestASlowerMachineIsNoRegression(t *testing.T) {
	got := words(compare.Reports(session(t, "a", 1, 1.5, 6), session(t, "b", 2, 1.5, 6)))
	for metric, word := range got {
		if word != compare.Equivalent && word != compare.Undecided {
			t.Errorf("%s is called a %s", metric, word)
		}
	}
	if len(got) != 6 {
		t.Errorf("compared %v, want 6 metrics: no round of 2,000 requests has a p99.9", got)
	}
}

func TestADearerMeshIsARegressionAndACheaperOneAnImprovement(t *testing.T) {
	cheap, dear := session(t, "a", 1, 1.3, 6), session(t, "b", 1, 1.6, 6)
	for metric, word := range words(compare.Reports(cheap, dear)) {
		if word != compare.Regression && metric != v1alpha1.MetricErrors {
			t.Errorf("%s of the dearer mesh is called %s", metric, word)
		}
	}
	for metric, word := range words(compare.Reports(dear, cheap)) {
		if word != compare.Improvement && metric != v1alpha1.MetricErrors {
			t.Errorf("%s of the cheaper mesh is called %s", metric, word)
		}
	}
}

func TestTooFewRoundsAreInconclusive(t *testing.T) {
	for metric, word := range words(compare.Reports(session(t, "a", 1, 1.3, 2), session(t, "b", 1, 9, 6))) {
		if word != compare.Unknown {
			t.Errorf("%s is called %s", metric, word)
		}
	}
}

func TestWhatCannotBeComparedIsSaid(t *testing.T) {
	a, b := session(t, "a", 1, 1.3, 4), session(t, "b", 1, 1.3, 4)
	b.Cluster.Context, b.Cluster.Nodes[0].CPUs = "production", 2
	got := strings.Join(compare.Reports(a, b).Warnings, "\n")
	if !strings.Contains(got, `cluster differs: "staging" before, "production" after`) ||
		!strings.Contains(got, "hardware differs") {
		t.Errorf("warnings are %s", got)
	}
	if w := compare.Reports(a, session(t, "c", 1, 1.3, 4)).Warnings; len(w) != 0 {
		t.Errorf("two like sessions get warnings %v", w)
	}
	b.Comparisons, b.Cells = nil, nil
	if w := compare.Reports(a, b).Warnings; !slices.Contains(w,
		"the reports have no arm, level and experiment in common") {
		t.Errorf("warnings are %v", w)
	}
}

// Whatever changes what is measured is named, field by field.
func TestEveryDifferenceIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*v1alpha1.Report)
		says string
	}{
		"connections": {func(r *v1alpha1.Report) { r.Experiments[0].Spec.Factors.Connections = v1alpha1.Values[int]{64} },
			"factors.connections of exp1 differs: 32 before, 64 after"},
		"payload": {func(r *v1alpha1.Report) {
			r.Experiments[0].Spec.Factors.ResponseBytes = v1alpha1.Values[int64]{1,
				2}
		}, "factors.responseBytes of exp1 differs: 0 before, [1, 2] after"},
		"duration": {func(r *v1alpha1.Report) { r.Experiments[0].Spec.Schedule.Duration.Duration = time.Minute },
			"schedule.duration of exp1 differs: 30s before, 1m0s after"},
		"nodes": {func(r *v1alpha1.Report) { r.Experiments[0].Spec.Nodes = &v1alpha1.Nodes{Load: "n"} },
			"nodes.load of exp1 differs: nothing before, n after"},
		"kernel": {func(r *v1alpha1.Report) { r.Cluster.Nodes[1].Kernel = "6.2.0" }, "hardware differs"},
		"plugin": {func(r *v1alpha1.Report) { r.Run.Version = "v2" }, "meshbench differs"},
		"worker": {func(r *v1alpha1.Report) { r.Trials[0].Pods[0].Containers[0].ImageID = "sha256:9" },
			"worker image differs"},
		"mesh": {func(r *v1alpha1.Report) { r.Arms[1].Mesh = "linkerd" },
			`mesh of arm meshy differs: "istio-sidecar" before, "linkerd" after`},
		"proxy": {func(r *v1alpha1.Report) { r.Arms[1].Target.Containers[1].Image = "proxy:2" },
			"containers beside the target of arm meshy differs"},
		"placement": {func(r *v1alpha1.Report) { r.Arms[1].Target.Node = "node-1" },
			`placement of load and target of arm meshy differs: "cross node" before, "same node" after`},
		"arm": {func(r *v1alpha1.Report) { r.Arms = r.Arms[:1] }, "arm meshy is only in the report before"},
		"experiment": {func(r *v1alpha1.Report) { r.Experiments[0].Metadata.Name = "mine" },
			"experiment exp1 is only in the report before"},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := session(t, "a", 1, 1.3, 4), session(t, "b", 1, 1.3, 4)
			c.edit(&b)
			if got := strings.Join(compare.Reports(a, b).Warnings, "\n"); !strings.Contains(got, c.says) {
				t.Errorf("warnings are %q, want %q", got, c.says)
			}
		})
	}
}

// What it is called and held to changes nothing that is measured.
func TestLabelsAreNoDifference(t *testing.T) {
	a, b := session(t, "a", 1, 1.3, 4), session(t, "b", 1, 1.3, 4)
	seed := int64(9)
	b.Experiments[0].Spec.Question, b.Experiments[0].Spec.SLOs, b.Experiments[0].Spec.Schedule.Seed = "?",
		[]string{"p99 < 1s"}, &seed
	if w := compare.Reports(a, b).Warnings; len(w) != 0 {
		t.Errorf("warnings are %v", w)
	}
}

// searchedFor is a run that looks for the highest rate of a mesh that carries so many
// requests a second.
func searchedFor(t *testing.T, id string, limit float64, slo string) v1alpha1.Report {
	t.Helper()
	r, levels := fixture.Search(fixture.SearchOptions{
		Limit: func(arm string, _ int) float64 { return map[string]float64{"plain": 7000, "meshy": limit}[arm] },
		Edit:  func(e *v1alpha1.Experiment) { e.Spec.Search.SLO = slo },
	})
	r.Run.ID = id
	done, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func TestHighestRatesAreShownButNotJudged(t *testing.T) {
	const slo = "p99 < 20ms"
	before, after := searchedFor(t, "a", 3000, slo), searchedFor(t, "b", 1500, slo)
	got := compare.Reports(before, after)
	if len(got.Changes) != 1 || len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "not judged") {
		t.Fatalf("%+v, want one change and the warning that it is not judged", got)
	}
	c := got.Changes[0]
	if c.Metric != compare.MaxRate || c.Arm != "meshy" || c.Word != compare.Unknown {
		t.Errorf("%+v, want the arm's highest rate without a verdict", c)
	}
	if c.Factor == nil || *c.Factor.Low > 0.5 || *c.Factor.High < 0.5 || *c.Factor.High >= 1 {
		t.Errorf("factor %+v, want bounds around one half", c.Factor)
	}
	if other := compare.Reports(before, searchedFor(t, "b", 1500, "p99 < 50ms")).Changes[0]; other.Factor != nil {
		t.Errorf("two objectives are set against each other: %+v", other)
	}
	before.Searches[0].Ratio, before.Searches[1].Ratio = nil, nil
	if c := compare.Reports(before, after).Changes[0]; c.Factor != nil || c.After == nil {
		t.Errorf("%+v, want no factor where a search found nothing", c)
	}
}

// A report of a release that had fewer factors was measured with what is the default
// of the others now.
func TestFactorsThatCameLaterAreNoDifference(t *testing.T) {
	a, b := session(t, "a", 1, 1.3, 4), session(t, "b", 1, 1.3, 4)
	f := &a.Experiments[0].Spec.Factors
	f.ErrorRatio, f.SlowRatio, f.ServerDelay = nil, nil, nil
	if got := strings.Join(compare.Reports(a, b).Warnings, "\n"); strings.Contains(got, "factors.") {
		t.Errorf("warnings are %q", got)
	}
}
