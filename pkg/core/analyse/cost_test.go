package analyse_test

import (
	"math"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

func valueOf(t *testing.T, r v1alpha1.Report, arm string, m v1alpha1.Metric) v1alpha1.MetricValue {
	t.Helper()
	for _, c := range r.Cells {
		for _, v := range c.Values {
			if c.Arm == arm && v.Metric == m {
				return v
			}
		}
	}
	t.Fatalf("arm %s has no %s", arm, m)
	return v1alpha1.MetricValue{}
}

func near(t *testing.T, what string, got *float64, want, tolerance float64) {
	t.Helper()
	if got == nil || math.Abs(*got-want) > tolerance*math.Abs(want) {
		t.Errorf("%s is %v, want %g", what, got, want)
	}
}

// The fixture says how many cores each part used; 2,000 requests of 1 and 1.5 ms
// over 32 connections took 62.5 and 93.75 ms.
func TestCPUIsSplitByWhoSpentIt(t *testing.T) {
	r := complete(t, fixture.Options{}, nil)
	perCore := map[string]float64{"plain": 62.5 / 2, "meshy": 93.75 / 2} // ms of one core for 1,000 requests
	for _, c := range []struct {
		part         v1alpha1.CostPart
		plain, meshy float64
	}{
		{v1alpha1.CostTotal, 1.4, 2}, {v1alpha1.CostClientApplication, 0.5, 0.5}, {v1alpha1.CostServerApplication, 0.4, 0.4},
		{v1alpha1.CostUnattributed, 0.5, 0.5},
	} {
		for arm, cores := range map[string]float64{"plain": c.plain, "meshy": c.meshy} {
			near(t, arm+" "+string(v1alpha1.Cores(c.part)), valueOf(t, r, arm, v1alpha1.Cores(c.part)).Value, cores, 0.03)
			near(t, arm+" "+string(v1alpha1.CPUPer1000(c.part)), valueOf(t, r, arm, v1alpha1.CPUPer1000(c.part)).Value,
				cores*perCore[arm], 0.03)
		}
	}
	total := comparisonOf(t, r, v1alpha1.CPUPer1000(v1alpha1.CostTotal))
	if total.Ratio == nil || math.Abs(total.Ratio.Value/(2*1.5/1.4)-1) > 0.02 || *total.Ratio.Low > total.Ratio.Value ||
		total.Conclusion != v1alpha1.ConclusionHigher {
		t.Errorf("the total compares as %+v, want 2.14 times the baseline", total)
	}
	near(t, "memory", valueOf(t, r, "meshy", v1alpha1.MemoryMax(v1alpha1.CostServerProxy)).Value, 51<<20, 1e-9)
}

// Parts that come to more than the total make neither a total nor a rest, nor a
// comparison of either; what each part used is still told.
func TestATotalBelowItsPartsIsNone(t *testing.T) {
	r := complete(t, fixture.Options{Edit: onArm("meshy", containers("istio-proxy", func(c *v1alpha1.ContainerUsage) {
		*c.CPUSeconds *= 20
	}))}, nil)
	for _, part := range []v1alpha1.CostPart{v1alpha1.CostTotal, v1alpha1.CostUnattributed} {
		for _, m := range []v1alpha1.Metric{v1alpha1.CPUPer1000(part), v1alpha1.Cores(part)} {
			if v := valueOf(t, r, "meshy", m); v.Value != nil || len(v.PerRound) > 0 || v.Missing != resource.Overspent {
				t.Errorf("%s is %+v", m, v)
			}
			if v := valueOf(t, r, "plain", m); v.Value == nil {
				t.Errorf("the baseline's %s is missing: %s", m, v.Missing)
			}
		}
		if c := comparisonOf(t, r, v1alpha1.CPUPer1000(part)); c.Ratio != nil || c.Difference != nil ||
			c.Conclusion != v1alpha1.ConclusionInconclusive {
			t.Errorf("the %s compares as %+v", part, c)
		}
	}
	if v := valueOf(t, r, "meshy", v1alpha1.CPUPer1000(v1alpha1.CostServerProxy)); v.Value == nil {
		t.Errorf("the proxy's own cost is missing: %s", v.Missing)
	}
}

// What is missing of the parts may be what the nodes did without load and not under
// it: the parts are a lower bound then. What is more than that is a source that errs.
func TestATotalShortOfItsPartsByLessThanItsIdleUseIsAtLeastThose(t *testing.T) {
	idle := func(cores float64) func(*v1alpha1.Report) {
		seconds := cores / 2 * 10
		return func(r *v1alpha1.Report) {
			r.Idle = &v1alpha1.IdleWindow{Resources: v1alpha1.Resources{Nodes: []v1alpha1.NodeUsage{
				{Node: "node-1", CPUSeconds: &seconds, CoveredSeconds: 10},
				{Node: "node-2", CPUSeconds: &seconds, CoveredSeconds: 10},
			}}}
		}
	}
	r := complete(t, fixture.Options{}, idle(0.6)) // parts of 0.9 cores, nodes' 1.4 without 0.6
	total := valueOf(t, r, "plain", v1alpha1.Cores(v1alpha1.CostTotal))
	if total.Value != nil || len(total.PerRound) > 0 || total.Missing != resource.Overspent {
		t.Errorf("the total is %+v", total)
	}
	near(t, "cores", total.AtLeast, 0.9, 0.03)
	perRequest := valueOf(t, r, "plain", v1alpha1.CPUPer1000(v1alpha1.CostTotal))
	near(t, "CPU", perRequest.AtLeast, 0.9*62.5/2, 0.03)
	if left := valueOf(t, r, "plain", v1alpha1.Cores(v1alpha1.CostUnattributed)); left.Value != nil ||
		left.AtLeast != nil {
		t.Errorf("what is left is %+v", left)
	}
	if c := comparisonOf(t, r, v1alpha1.CPUPer1000(v1alpha1.CostTotal)); c.Ratio != nil || c.Difference != nil ||
		c.Conclusion != v1alpha1.ConclusionBound {
		t.Errorf("the total compares as %+v", c)
	}
	if got := evidenceOf(r, "unattributed-below-zero"); !strings.Contains(got, "above its parts") {
		t.Errorf("the finding says %q", got)
	}
	// Without an answer there is no cost of a request, and none that is at least so much.
	unanswered := complete(t, fixture.Options{Edit: onArm("plain", func(x *v1alpha1.Trial) {
		x.Load.Errors = []v1alpha1.ErrorCount{{Class: v1alpha1.ErrorStatus, Detail: "503", Count: x.Load.Requests}}
		x.Load.Requests, x.Load.ResponseTime, x.Load.ServiceTime = 0, nil, nil
	})}, idle(0.6))
	if v := valueOf(t, unanswered, "plain", v1alpha1.CPUPer1000(v1alpha1.CostTotal)); v.Value != nil || v.AtLeast != nil {
		t.Errorf("without an answer: %+v", v)
	}
	tooMuch := complete(t, fixture.Options{Edit: onArm("meshy", containers("istio-proxy",
		func(c *v1alpha1.ContainerUsage) { *c.CPUSeconds *= 20 }))}, idle(0.2))
	if v := valueOf(t, tooMuch, "meshy", v1alpha1.Cores(v1alpha1.CostTotal)); v.Value != nil || v.AtLeast != nil {
		t.Errorf("a source that errs makes %+v", v)
	}
}

// A baseline has no proxy. That is said, and the proxy's figure is the difference.
func TestAProxyHasADifferenceAndNoRatio(t *testing.T) {
	r := complete(t, fixture.Options{}, nil)
	for _, m := range []v1alpha1.Metric{v1alpha1.CPUPer1000(v1alpha1.CostServerProxy),
		v1alpha1.MemoryMean(v1alpha1.CostServerProxy)} {
		base := valueOf(t, r, "plain", m)
		if base.Value != nil || base.Missing != "no such container" || len(base.PerRound) > 0 {
			t.Errorf("%s of the baseline is %+v, want none", m, base)
		}
		own := valueOf(t, r, "meshy", m)
		c := comparisonOf(t, r, m)
		if c.Ratio != nil || c.Difference == nil || math.Abs(c.Difference.Value-*own.Value) > 1e-9**own.Value ||
			c.Pairs != 6 {
			t.Errorf("%s compares as %+v, want a difference of %v and no ratio", m, c, *own.Value)
		}
	}
	for _, c := range r.Comparisons {
		if strings.Contains(string(c.Metric), "waypoint") {
			t.Errorf("there is a comparison of %s, which no arm has", c.Metric)
		}
	}
}

func TestWhatWasNotMeasuredIsMissingWithItsReason(t *testing.T) {
	const why = "the runtime hides it"
	r := complete(t, fixture.Options{Edit: onArm("meshy", containers("istio-proxy", func(c *v1alpha1.ContainerUsage) {
		c.CPUSeconds, c.MemoryMeanBytes, c.MemoryMaxBytes, c.Missing = nil, nil, nil, why
	}))}, nil)
	for _, m := range []v1alpha1.Metric{
		v1alpha1.CPUPer1000(v1alpha1.CostServerProxy), v1alpha1.MemoryMax(v1alpha1.CostServerProxy),
		v1alpha1.CPUPer1000(v1alpha1.CostUnattributed),
	} {
		if v := valueOf(t, r, "meshy", m); v.Value != nil || !strings.Contains(v.Missing, why) {
			t.Errorf("%s is %+v, want missing because %s", m, v, why)
		}
	}
	near(t, "the total", valueOf(t, r, "meshy", v1alpha1.Cores(v1alpha1.CostTotal)).Value, 2, 0.03)
	if c := comparisonOf(t, r, v1alpha1.CPUPer1000(v1alpha1.CostServerProxy)); c.Difference != nil || c.Pairs != 0 {
		t.Errorf("what was not measured compares as %+v", c)
	}
	old := complete(t, fixture.Options{Edit: func(t *v1alpha1.Trial) { t.Resources = nil }}, nil)
	for _, v := range old.Cells[0].Values {
		if v.Unit == v1alpha1.UnitCPUPer1000 {
			t.Errorf("a report without resources has %+v", v)
		}
	}
}

func TestTheBottleneckIsNamed(t *testing.T) {
	limited := func(name string, side v1alpha1.Side) func(*v1alpha1.Trial) {
		return containers(name, func(c *v1alpha1.ContainerUsage) {
			if c.Side == side {
				limit := *c.CPUSeconds / c.CoveredSeconds / 0.95
				c.CPULimitCores = &limit
			}
		})
	}
	busy := nodes(func(n *v1alpha1.NodeUsage) {
		all := 8 * n.CoveredSeconds
		n.CPUSeconds = &all
	})
	generator := func(t *v1alpha1.Trial) {
		used := 1.95 * t.Window.Seconds
		t.Clients[0].CPUSeconds = &used
	}
	for name, c := range map[string]struct {
		edit func(*v1alpha1.Trial)
		want v1alpha1.BottleneckAt
		says string
	}{
		"nothing":    {func(*v1alpha1.Trial) {}, v1alpha1.BottleneckUnclear, "nothing"},
		"the client": {generator, v1alpha1.BottleneckClient, "98 % of its 2 CPUs"},
		"the target": {limited("meshbench", v1alpha1.SideServer), v1alpha1.BottleneckTarget, "95 % of its"},
		"the proxy's limit": {limited("istio-proxy", v1alpha1.SideServer), v1alpha1.BottleneckServerProxy,
			"istio-proxy used 95 %"},
		"the proxy's only thread": {containers("istio-proxy", func(c *v1alpha1.ContainerUsage) {
			thread := 0.97
			c.BusiestThreadCores = &thread
		}), v1alpha1.BottleneckServerProxy, "0.97 cores in its busiest thread"},
		"the client's proxy": {func(t *v1alpha1.Trial) {
			containers("istio-proxy", func(c *v1alpha1.ContainerUsage) { c.Side, c.Node = v1alpha1.SideClient, "node-1" })(t)
			limited("istio-proxy", v1alpha1.SideClient)(t)
		}, v1alpha1.BottleneckClientProxy, "istio-proxy"},
		"the node": {busy, v1alpha1.BottleneckNode, "node-1 was busy for 100 %"},
		"a thread of a Go program is no limit": {containers("meshbench", func(c *v1alpha1.ContainerUsage) {
			thread := 1.0
			c.BusiestThreadCores = &thread
		}), v1alpha1.BottleneckUnclear, "nothing"},
		"two at once": {func(t *v1alpha1.Trial) { generator(t); limited("istio-proxy", v1alpha1.SideServer)(t) },
			v1alpha1.BottleneckUnclear, "; server proxy: istio-proxy used 95 %"},
	} {
		t.Run(name, func(t *testing.T) {
			r := complete(t, fixture.Options{Edit: onArm("meshy", c.edit)}, nil)
			for _, cell := range r.Cells {
				if cell.Arm == "meshy" &&
					(cell.Bottleneck == nil || cell.Bottleneck.At != c.want || !strings.Contains(cell.Bottleneck.Evidence, c.says)) {
					t.Errorf("the bottleneck is %+v, want %s: %q", cell.Bottleneck, c.want, c.says)
				}
			}
		})
	}
	for _, cell := range complete(t, fixture.Options{Experiment: openExperiment()}, nil).Cells {
		if cell.Bottleneck != nil {
			t.Errorf("an open schedule has a bottleneck: %+v", cell.Bottleneck)
		}
	}
}
