package compare_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/pkg/core/compare"
	"github.com/meshbench/kubectl-meshbench/pkg/core/gate"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

// mutations are what trials lack or hold in odd runs and damaged reports.
func mutations() []func(*v1alpha1.Trial) {
	zero, negative, huge := 0.0, -1.0, 1e15
	each := func(set func(*v1alpha1.ContainerUsage)) func(*v1alpha1.Trial) {
		return func(t *v1alpha1.Trial) {
			for i := range t.Resources.Containers {
				set(&t.Resources.Containers[i])
			}
		}
	}
	nodes := func(set func(*v1alpha1.NodeUsage)) func(*v1alpha1.Trial) {
		return func(t *v1alpha1.Trial) {
			for i := range t.Resources.Nodes {
				set(&t.Resources.Nodes[i])
			}
		}
	}
	return []func(*v1alpha1.Trial){
		func(*v1alpha1.Trial) {}, func(*v1alpha1.Trial) {},
		func(t *v1alpha1.Trial) { t.Status, t.Load, t.Window = v1alpha1.TrialVoid, nil, nil },
		func(t *v1alpha1.Trial) { t.Status, t.Reason = v1alpha1.TrialVoid, "odd" },
		func(t *v1alpha1.Trial) { t.Load.Requests, t.Load.ServiceTime, t.Load.ResponseTime = 0, nil, nil },
		func(t *v1alpha1.Trial) { t.Load.ServiceTime, t.Load.ResponseTime = nil, nil },
		func(t *v1alpha1.Trial) { t.Load.ServiceTime.Data, t.Load.ServiceTime.Count = "", 5 },
		func(t *v1alpha1.Trial) { t.Load.Requests = 0 },
		func(t *v1alpha1.Trial) {
			t.Load.Errors = []v1alpha1.ErrorCount{{Class: v1alpha1.ErrorTimeout, Count: t.Load.Requests}}
		},
		func(t *v1alpha1.Trial) { t.Load.Errors = []v1alpha1.ErrorCount{{Class: "new", Count: 1}} },
		func(t *v1alpha1.Trial) { t.Load.Unsent, t.Load.Sockets = 1000, 0 },
		func(t *v1alpha1.Trial) { t.Window.Seconds = 1e-9 },
		func(t *v1alpha1.Trial) { t.Window.Seconds = 0 },
		func(t *v1alpha1.Trial) { t.Window.Seconds = 1e12 },
		func(t *v1alpha1.Trial) { t.Round = 1 },
		func(t *v1alpha1.Trial) { t.Round = -7 },
		func(t *v1alpha1.Trial) { t.Clients, t.Pods = nil, nil },
		func(t *v1alpha1.Trial) {
			t.Clients[0].CPUSeconds, t.Clients[0].Processors, t.Clients[0].CPULimitCores = nil, 0, nil
		},
		func(t *v1alpha1.Trial) { t.Clients[0].CPULimitCores = &zero },
		func(t *v1alpha1.Trial) { t.Resources = nil },
		func(t *v1alpha1.Trial) { t.Resources.Containers = nil },
		func(t *v1alpha1.Trial) { t.Resources.Nodes = nil },
		each(func(c *v1alpha1.ContainerUsage) { c.CPUSeconds = nil }),
		each(func(c *v1alpha1.ContainerUsage) { c.CPUSeconds, c.CPULimitCores = &zero, &zero }),
		each(func(c *v1alpha1.ContainerUsage) { c.CPUSeconds = &negative }),
		each(func(c *v1alpha1.ContainerUsage) { c.CoveredSeconds = 0 }),
		each(func(c *v1alpha1.ContainerUsage) { c.MemoryMeanBytes, c.MemoryMaxBytes = nil, nil }),
		each(func(c *v1alpha1.ContainerUsage) { c.Node, c.Pod, c.Container = "", "", "" }),
		nodes(func(n *v1alpha1.NodeUsage) { n.CPUs, n.Machine = 0, "" }),
		nodes(func(n *v1alpha1.NodeUsage) { n.CPUSeconds, n.Missing = nil, "hidden" }),
		nodes(func(n *v1alpha1.NodeUsage) { n.CPUSeconds = &zero }),
		nodes(func(n *v1alpha1.NodeUsage) { n.CPUSeconds = &huge }),
		nodes(func(n *v1alpha1.NodeUsage) { n.CoveredSeconds, n.Node = 0, "other" }),
	}
}

// However odd the trials: there is a report that can be written, judged and
// compared.
func TestOddTrialsStillMakeAReport(t *testing.T) {
	random := rand.New(rand.NewPCG(21, 22))
	all := mutations()
	slos := []gate.SLO{}
	for _, text := range []string{"p99 < 20ms", "p50 < baseline * 1.3", "rps > 0.8 * baseline", "errors <= 0",
		"errors < 1%", "cpu < 150ms", "cpu < 2 * baseline", "p99.9 < 1s"} {
		slo, err := gate.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		slos = append(slos, slo)
	}
	var before v1alpha1.Report
	for run := range 40 {
		e := fixture.Named("exp1", 1+random.IntN(7))
		if random.IntN(2) == 0 {
			e = fixture.Named("exp2", 5)
			e.Spec.Factors.Rate = v1alpha1.Values[v1alpha1.Rate]{1, 500}
		}
		once := all[random.IntN(len(all))]
		r, levels := fixture.Report(fixture.Options{Arms: []string{"plain", "again", "meshy"}, Control: "again",
			Experiment: e, Samples: 30 + random.IntN(100), Edit: func(trial *v1alpha1.Trial) {
				if random.IntN(3) == 0 {
					all[random.IntN(len(all))](trial)
				} else if random.IntN(2) == 0 {
					once(trial)
				}
			}})
		if random.IntN(3) == 0 {
			used := 0.1
			r.Idle = &v1alpha1.IdleWindow{Resources: v1alpha1.Resources{Nodes: []v1alpha1.NodeUsage{{Node: "node-1",
				CPUSeconds: &used}}}}
		}
		done, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
		if err != nil {
			t.Fatal(err)
		}
		if done.Verdicts, err = gate.Evaluate(done, slos); err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(done); err != nil {
			t.Fatalf("run %d: %v", run, err)
		}
		var said []string
		for _, f := range done.Findings {
			said = append(said, f.Evidence)
		}
		for _, v := range done.Verdicts {
			said = append(said, v.Evidence)
		}
		for _, c := range done.Cells {
			if c.Bottleneck != nil {
				said = append(said, c.Bottleneck.Evidence)
			}
		}
		for _, text := range said {
			if strings.Contains(text, "NaN") || strings.Contains(text, "Inf") || strings.Contains(text, "%!") {
				t.Errorf("run %d: %s", run, text)
			}
		}
		if run > 0 {
			if _, err := json.Marshal(compare.Reports(before, done)); err != nil {
				t.Fatalf("run %d: %v", run, err)
			}
		}
		before = done
	}
}
