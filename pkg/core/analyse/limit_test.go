package analyse_test

import (
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

func evidenceOf(r v1alpha1.Report, code string) string {
	var all []string
	for _, f := range r.Findings {
		if f.Code == code {
			all = append(all, f.Evidence)
		}
	}
	return strings.Join(all, "\n")
}

// shared adds two proxies in pods of their own to a trial, of which that on
// node-2 uses so many cores.
func shared(t *v1alpha1.Trial, side v1alpha1.Side, cores float64, limit *float64) {
	for node, used := range map[string]float64{"node-1": cores / 4, "node-2": cores} {
		cpu, busiest := used*t.Window.Seconds, min(used, 1)
		t.Resources.Containers = append(t.Resources.Containers, v1alpha1.ContainerUsage{
			Namespace: "mesh-system", Pod: "proxy-" + node, Container: "proxy", Node: node, Side: side, Part: v1alpha1.PartProxy,
			Source: v1alpha1.SourceCAdvisor, CPUSeconds: &cpu, CoveredSeconds: t.Window.Seconds, CPULimitCores: limit,
			BusiestThreadCores: &busiest,
		})
	}
}

// Proxies that pods share have limits too, and one of them may be full where the
// others are not.
func TestSharedProxiesAtTheirLimitAreFound(t *testing.T) {
	limit := 0.5
	for side, at := range map[v1alpha1.Side]v1alpha1.BottleneckAt{v1alpha1.SideNode: v1alpha1.BottleneckNodeProxy,
		v1alpha1.SideWaypoint: v1alpha1.BottleneckWaypoint} {
		r := complete(t,
			fixture.Options{Edit: onArm("meshy", func(trial *v1alpha1.Trial) { shared(trial, side, 0.49, &limit) })}, nil)
		if got := evidenceOf(r, "cpu-limit"); strings.Count(got, "98 % of its limit") != 1 {
			t.Errorf("%s: cpu-limit says %q", side, got)
		}
		if b := r.Cells[1].Bottleneck; b == nil || b.At != at {
			t.Errorf("%s: the bottleneck is %+v, want %s", side, b, at)
		}
	}
}

// A thread without time left is a limit in an open schedule too.
func TestAThreadWithoutTimeLeftIsFound(t *testing.T) {
	r := complete(t,
		fixture.Options{Experiment: openExperiment(), Edit: containers("istio-proxy", func(c *v1alpha1.ContainerUsage) {
			full := 0.97
			c.BusiestThreadCores = &full
		})}, nil)
	if got := evidenceOf(r, "cpu-limit"); !strings.Contains(got, "0.97 cores in its busiest thread") {
		t.Errorf("cpu-limit says %q; there are %v", got, codes(r))
	}
}

// A generator that was at its limit whenever it was measured is the bottleneck.
func TestRoundsThatWereNotMeasuredAreNotIdle(t *testing.T) {
	r := complete(t, fixture.Options{Edit: onArm("plain", func(trial *v1alpha1.Trial) {
		used := 1.99 * trial.Window.Seconds
		trial.Clients[0].CPUSeconds = &used
		if trial.Round == 3 {
			trial.Clients[0].CPUSeconds = nil
		}
	})}, nil)
	if b := r.Cells[0].Bottleneck; b == nil || b.At != v1alpha1.BottleneckClient {
		t.Errorf("the bottleneck is %+v", b)
	}
}

// The highest rate of a proxy with a low limit is that of the limit.
func TestSearchesAreQualifiedLikeCells(t *testing.T) {
	edit := func(trial *v1alpha1.Trial) {
		if trial.Arm != "meshy" {
			return
		}
		cpu, limit, stopped, periods, busy := 0.198*trial.Window.Seconds, 0.2, int64(9), int64(20), 7.9*trial.Window.Seconds
		trial.Resources = &v1alpha1.Resources{
			Containers: []v1alpha1.ContainerUsage{
				{Pod: "target", Container: "istio-proxy", Node: "node-2", Side: v1alpha1.SideServer, Part: v1alpha1.PartProxy,
					CPUSeconds: &cpu, CoveredSeconds: trial.Window.Seconds, CPULimitCores: &limit, ThrottledPeriods: &stopped,
					Periods: &periods},
				{Pod: "target", Container: "meshbench", Node: "node-2", Side: v1alpha1.SideServer, Part: v1alpha1.PartApplication,
					Missing: "it is hidden"},
			},
			Nodes: []v1alpha1.NodeUsage{{Node: "node-2", CPUs: 8, CPUSeconds: &busy, CoveredSeconds: trial.Window.Seconds}},
		}
	}
	for name, o := range map[string]fixture.SearchOptions{"clean": {}, "limited": {EditTrial: edit}} {
		r, levels := fixture.Search(o)
		done, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range []string{"cpu-limit", "throttled", "node-saturated", "resources-hidden"} {
			if got := evidenceOf(done, code); (got != "") != (name == "limited") {
				t.Errorf("%s: %s says %q", name, code, got)
			}
		}
	}
}
