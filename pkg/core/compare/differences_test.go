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

func analysed(t *testing.T, o fixture.Options) v1alpha1.Report {
	t.Helper()
	r, levels := fixture.Report(o)
	r, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The second arm of the baseline is noise, and noise does not regress.
func TestTheControlIsNoRegression(t *testing.T) {
	with := func(control time.Duration) v1alpha1.Report {
		return analysed(t,
			fixture.Options{Arms: []string{"plain", "again", "meshy"}, Control: "again",
				Latency: func(arm string, _ v1alpha1.Level, round int) time.Duration {
					d := map[string]time.Duration{"plain": time.Millisecond, "again": control, "meshy": 1500 * time.Microsecond}[arm]
					return d + time.Duration(round)*time.Microsecond
				}})
	}
	r := compare.Reports(with(time.Millisecond), with(1100*time.Microsecond))
	for _, c := range r.Changes {
		if c.Arm != "meshy" {
			t.Errorf("the control is compared: %+v", c)
		}
	}
	if len(r.Changes) == 0 {
		t.Error("nothing is compared")
	}
}

// In an open schedule every round may have exactly the rate that was asked for.
func TestWhatIsTheSameInEveryRoundHasNotChanged(t *testing.T) {
	e := fixture.Named("exp2", 6)
	e.Spec.Factors.Rate = v1alpha1.Values[v1alpha1.Rate]{1000}
	r := compare.Reports(analysed(t, fixture.Options{Experiment: e}), analysed(t, fixture.Options{Experiment: e, Seed: 1}))
	for _, c := range r.Changes {
		if c.Metric == v1alpha1.MetricThroughput && c.Word != compare.Equivalent {
			t.Errorf("throughput: %+v", c)
		}
	}
}

// Whatever makes two reports hard to compare is said.
func TestWhatDiffersBetweenTheReportsIsSaid(t *testing.T) {
	idle := &v1alpha1.IdleWindow{}
	for what, edit := range map[string]func(*v1alpha1.Report){
		"mutual TLS":                   func(r *v1alpha1.Report) { r.Arms[1].DataPlane.MTLS = v1alpha1.AnswerNo },
		"version of the data plane":    func(r *v1alpha1.Report) { r.Arms[1].DataPlane.DataPlaneVersion = "1.31.0" },
		"version of the control plane": func(r *v1alpha1.Report) { r.Arms[1].DataPlane.ControlPlaneVersion = "1.31.0" },
		"path through the mesh":        func(r *v1alpha1.Report) { r.Arms[1].DataPlane.Path = v1alpha1.PathServerSide },
		"settings of the proxies":      func(r *v1alpha1.Report) { r.Arms[1].DataPlane.Proxies[0].Threads.Value = "4" },
		"hardware": func(r *v1alpha1.Report) {
			r.OtherClusters = []v1alpha1.Cluster{{Context: "other", Nodes: []v1alpha1.Node{{Name: "n", CPUs: 2}}}}
		},
		"sources of CPU and memory": func(r *v1alpha1.Report) {
			for i := range r.Trials {
				r.Trials[i].Resources = &v1alpha1.Resources{Sources: []v1alpha1.ResourceSource{{Name: v1alpha1.SourceMetricsAPI},
					{Name: v1alpha1.SourceCAdvisor, Missing: "forbidden"}}}
			}
		},
		"window without load": func(r *v1alpha1.Report) { r.Idle = idle },
	} {
		after := analysed(t, fixture.Options{})
		edit(&after)
		r := compare.Reports(analysed(t, fixture.Options{}), after)
		if !slices.ContainsFunc(r.Warnings, func(w string) bool { return strings.Contains(w, what) }) {
			t.Errorf("%s: the warnings are %q", what, r.Warnings)
		}
	}
	shuffled := analysed(t, fixture.Options{})
	shuffled.Cluster.Nodes[0].CPUs = 16
	after := analysed(t, fixture.Options{})
	after.Cluster.Nodes[1].CPUs = 16
	if r := compare.Reports(shuffled, after); slices.ContainsFunc(r.Warnings,
		func(w string) bool { return strings.Contains(w, "hardware") }) {
		t.Errorf("the order of nodes is told as a difference: %q", r.Warnings)
	}
}

// A difference that no histogram can tell is no regression, however sure it is.
func TestChangesBelowTheResolutionAreNone(t *testing.T) {
	e := fixture.Named("exp2", 6)
	e.Spec.Factors.Rate = v1alpha1.Values[v1alpha1.Rate]{1000}
	after := analysed(t, fixture.Options{Experiment: e, Samples: 30_000, Seed: 1, Edit: func(trial *v1alpha1.Trial) {
		if trial.Arm == "meshy" {
			fixture.Lose(trial, 1+int64(trial.Round%2))
		}
	}})
	r := compare.Reports(analysed(t, fixture.Options{Experiment: e, Samples: 30_000}), after)
	for _, c := range r.Changes {
		if c.Metric == v1alpha1.MetricThroughput && c.Word != compare.Equivalent {
			t.Errorf("one request in 30,000 is a %s: %+v", c.Word, c.Factor)
		}
	}
}
