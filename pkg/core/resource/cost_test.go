package resource_test

import (
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
)

// container used so many cores over 10 seconds.
func container(name, node string, side v1alpha1.Side, part v1alpha1.Part, source v1alpha1.SourceName,
	cores float64) v1alpha1.ContainerUsage {
	return v1alpha1.ContainerUsage{
		Pod: name, Container: name, Node: node, Side: side, Part: part, Source: source,
		CPUSeconds: number(cores * 10), CoveredSeconds: 10, MemoryMeanBytes: number(1e6), MemoryMaxBytes: number(int64(2e6)),
	}
}

func node(name, machine string, cores float64) v1alpha1.NodeUsage {
	return v1alpha1.NodeUsage{Node: name, Machine: machine, Source: v1alpha1.SourceInPod, CPUs: 4,
		CPUSeconds: number(cores * 10), CoveredSeconds: 10}
}

const (
	inPod    = v1alpha1.SourceInPod
	cadvisor = v1alpha1.SourceCAdvisor
)

func trial(nodes ...v1alpha1.NodeUsage) *v1alpha1.Resources {
	return &v1alpha1.Resources{Nodes: nodes, Containers: []v1alpha1.ContainerUsage{
		container("load", "a", v1alpha1.SideClient, v1alpha1.PartApplication, inPod, 0.5),
		container("target", "b", v1alpha1.SideServer, v1alpha1.PartApplication, inPod, 0.4),
	}}
}

func TestTheTotalCountsEachMachineOnce(t *testing.T) {
	for name, c := range map[string]struct {
		nodes []v1alpha1.NodeUsage
		want  float64
	}{
		"two machines":                  {[]v1alpha1.NodeUsage{node("a", "m", 1), node("b", "n", 2)}, 3},
		"two nodes of one machine":      {[]v1alpha1.NodeUsage{node("a", "m", 1), node("b", "m", 1)}, 1},
		"machines that are not told":    {[]v1alpha1.NodeUsage{node("a", "", 1), node("b", "", 2)}, 3},
		"a node that runs none of ours": {[]v1alpha1.NodeUsage{node("a", "m", 1), node("b", "n", 2), node("c", "o", 4)}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			u := resource.Of(trial(c.nodes...), resource.Idle{})
			near(t, "the total", u.Cores[v1alpha1.CostTotal].Value, c.want)
			near(t, "the rest", u.Cores[v1alpha1.CostUnattributed].Value, c.want-0.9)
		})
	}
	for name, nodes := range map[string][]v1alpha1.NodeUsage{
		"not told of": {node("a", "m", 1)},
		"hidden":      {node("a", "m", 1), {Node: "b", Missing: "it is hidden"}},
	} {
		u := resource.Of(trial(nodes...), resource.Idle{})
		for _, part := range []v1alpha1.CostPart{v1alpha1.CostTotal, v1alpha1.CostUnattributed} {
			if a := u.Cores[part]; a.Value != nil || !strings.Contains(a.Missing, "node b: ") || a.None {
				t.Errorf("with a node %s the %s is %+v", name, part, a)
			}
		}
	}
}

func TestPartsAddUpToTheTotal(t *testing.T) {
	r := trial(node("a", "m", 3), node("b", "n", 2))
	r.Containers = append(r.Containers,
		container("envoy", "b", v1alpha1.SideServer, v1alpha1.PartProxy, inPod, 0.3),
		container("ztunnel-a", "a", v1alpha1.SideNode, v1alpha1.PartProxy, cadvisor, 0.25),
		container("ztunnel-b", "b", v1alpha1.SideNode, v1alpha1.PartProxy, cadvisor, 0.15),
		container("waypoint", "c", v1alpha1.SideWaypoint, v1alpha1.PartProxy, cadvisor, 0.2),
		container("shop", "a", v1alpha1.SideOther, v1alpha1.PartOther, cadvisor, 1),
		container("log-shipper", "b", v1alpha1.SideServer, v1alpha1.PartOther, inPod, 0.07),
		container("agent", "a", v1alpha1.SideClient, v1alpha1.PartOther, inPod, 0.03),
		container("istiod", "a", v1alpha1.SideControlPlane, v1alpha1.PartControl, cadvisor, 0.1),
		// Seen twice: the better source counts.
		container("envoy", "b", v1alpha1.SideServer, v1alpha1.PartProxy, cadvisor, 0.7),
	)
	idle := &v1alpha1.IdleWindow{Resources: v1alpha1.Resources{
		Nodes: []v1alpha1.NodeUsage{node("a", "m", 0.5), node("b", "n", 0.1)},
		Containers: []v1alpha1.ContainerUsage{container("ztunnel-a", "a", v1alpha1.SideNode, v1alpha1.PartProxy, cadvisor,
			0.05), container("shop", "a", v1alpha1.SideOther, v1alpha1.PartOther, cadvisor, 0.4)},
	}}
	u := resource.Of(r, resource.IdleBefore([]v1alpha1.IdleWindow{*idle}, "", 0))
	sum := 0.0
	for part, want := range map[v1alpha1.CostPart]float64{
		v1alpha1.CostTotal: 3 + 2 - 0.6 + 0.2, v1alpha1.CostClientApplication: 0.5, v1alpha1.CostServerApplication: 0.4,
		v1alpha1.CostServerProxy: 0.3,
		v1alpha1.CostNodeProxy:   0.35, v1alpha1.CostWaypoint: 0.2, v1alpha1.CostOther: 0.6,
		v1alpha1.CostInjected: 0.1, v1alpha1.CostUnattributed: 4.6 - 2.45,
	} {
		near(t, string(part), u.Cores[part].Value, want)
		if part != v1alpha1.CostTotal {
			sum += want
		}
	}
	near(t, "the sum of parts", u.Cores[v1alpha1.CostTotal].Value, sum)
	near(t, "memory of two proxies", u.MemoryMax[v1alpha1.CostNodeProxy].Value, 4e6)
	if a := u.Cores[v1alpha1.CostClientProxy]; a.Value != nil || !a.None || a.Missing == "" {
		t.Errorf("the proxy that is not there is %+v", a)
	}
}

func TestNothingMeasuredIsNothingSaid(t *testing.T) {
	u := resource.Of(nil, resource.Idle{})
	for _, part := range resource.Parts() {
		if a := u.Cores[part]; a.Value != nil || a.Missing == "" || a.None {
			t.Errorf("%s is %+v", part, a)
		}
	}
}

// A node that has no processor time left, in the window without load or in the
// trial, hides what its other tenants would have used: the difference is no cost.
func TestANodeWithoutIdleTimeHasNoCost(t *testing.T) {
	for name, c := range map[string]struct {
		idle, load float64 // of 4 cores of node a
		says       string  // empty if there is a cost
	}{
		"busy without load":          {3.9, 3.95, "node a had no idle CPU left in the window without load"},
		"full, and others need some": {0.5, 3.9, "of its other use (12 % without load)"},
		"full, and all of it ours":   {0.05, 3.9, ""},
		"not full":                   {0.5, 3.7, ""},
	} {
		idle := v1alpha1.IdleWindow{Resources: v1alpha1.Resources{
			Nodes: []v1alpha1.NodeUsage{node("a", "m", c.idle), node("b", "n", 0)}}}
		u := resource.Of(trial(node("a", "m", c.load), node("b", "n", 0.5)),
			resource.IdleBefore([]v1alpha1.IdleWindow{idle}, "", 0))
		for _, part := range []v1alpha1.CostPart{v1alpha1.CostTotal, v1alpha1.CostUnattributed} {
			a := u.Cores[part]
			if (a.Value == nil) != (c.says != "") || !strings.Contains(a.Missing, c.says) {
				t.Errorf("%s: the %s is %+v, want %q", name, part, a, c.says)
			}
		}
		if c.says == "" {
			near(t, name, u.Cores[v1alpha1.CostTotal].Value, c.load-c.idle+0.5)
		}
	}
}

func TestCostsStandOutOrDoNot(t *testing.T) {
	for name, c := range map[string]struct {
		costs []float64
		idle  float64
		want  bool
	}{
		"nothing was taken off":         {[]float64{0, 0, 0, 0}, 0, true},
		"a tenth of it, and steady":     {[]float64{1, 1.02, 0.98, 1}, 10, true},
		"less than a tenth":             {[]float64{0.9, 0.92, 0.88, 0.9}, 10, false},
		"an interval to half and below": {[]float64{1, 3, 0.5, 2}, 1, false},
		"two rounds above it":           {[]float64{2, 2.2}, 2, true},
		"two rounds below it":           {[]float64{1, 1.2}, 2, false},
		"below nothing":                 {[]float64{-1, -1, -1.1, -0.9}, 1, false},
	} {
		if got := resource.StandsOut(c.costs, c.idle); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if resource.RestsOnShared(1, 0.1) || !resource.RestsOnShared(1, 0.11) || !resource.RestsOnShared(-1, 0.2) {
		t.Error("a tenth of a cost may rest on an idle figure that rounds share, and no more")
	}
}
