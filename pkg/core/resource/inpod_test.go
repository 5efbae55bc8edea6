package resource_test

import (
	"math"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

const proxyID = "abcdefabcdef"

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func window() v1alpha1.Window {
	return v1alpha1.Window{StartedAt: start, EndedAt: start.Add(4 * time.Second), Seconds: 4}
}

func number[T any](v T) *T { return &v }

// usage is what a worker sees at an instant: itself at half a core, a proxy at a
// quarter, a node of 4 CPUs at 2.
func usage(at time.Duration) wire.Usage {
	ns := int64(10*time.Second + at)
	return wire.Usage{
		At: start.Add(at), Since: start.Add(-time.Hour),
		Containers: []wire.ContainerCounters{
			{CPUNs: ns / 2, UserMs: ns / 2e6, RSSBytes: 20 << 20, LimitCores: number(1.0), Periods: number(ns / 1e8),
				Throttled: number(int64(3))},
			{ID: proxyID, CPUNs: ns / 4, SystemMs: ns / 4e6, RSSBytes: 50<<20 + int64(at/time.Second)<<20,
				BusiestNs: number(int64(100 * time.Millisecond))},
		},
		Node: &wire.NodeCounters{Machine: "m", CPUs: 4, UserMs: ns / 1e6, SystemMs: ns / 2e6, SoftIRQMs: ns / 2e6,
			IdleMs: ns * 2 / 1e6, PressureUs: number(ns / 1e4)},
	}
}

func reading(side v1alpha1.Side, step time.Duration) resource.PodReading {
	p := resource.PodReading{
		Namespace: "ns", Pod: "p", Node: "n", Side: side,
		Containers: []resource.PodContainer{
			{Name: "meshbench", Own: true, Part: v1alpha1.PartApplication, IDs: []string{"0123"}},
			{Name: "proxy", Part: v1alpha1.PartProxy, IDs: []string{proxyID + "0000"}, LimitCores: number(2.0)},
		},
	}
	for at := -2 * time.Second; at <= 6*time.Second; at += step {
		p.Usages = append(p.Usages, usage(at))
	}
	return p
}

func near(t *testing.T, what string, got *float64, want float64) {
	t.Helper()
	if got == nil || math.Abs(*got-want) > 1e-9 {
		t.Errorf("%s is %v, want %g", what, got, want)
	}
}

func TestInPodCutsToTheWindow(t *testing.T) {
	r := resource.InPod(window(), []resource.PodReading{reading(v1alpha1.SideServer, 500*time.Millisecond)})
	own, proxy, node := r.Containers[0], r.Containers[1], r.Nodes[0]
	near(t, "own CPU", own.CPUSeconds, 2)
	near(t, "own user time", own.UserSeconds, 2)
	near(t, "own system time", own.SystemSeconds, 0)
	near(t, "own limit", own.CPULimitCores, 1)
	near(t, "the proxy's CPU", proxy.CPUSeconds, 1)
	near(t, "the proxy's limit", proxy.CPULimitCores, 2)
	near(t, "its busiest thread", proxy.BusiestThreadCores, 0.2)
	near(t, "the covered time", &proxy.CoveredSeconds, 4)
	near(t, "the node's CPU", node.CPUSeconds, 8)
	near(t, "its interrupts", node.SoftIRQSeconds, 2)
	near(t, "its idle time", node.IdleSeconds, 8)
	near(t, "its pressure", node.CPUPressureRatio, 0.1)
	near(t, "the resolution", r.Sources[0].ResolutionSeconds, 0.5)
	if *own.Periods != 40 || *own.ThrottledPeriods != 0 || proxy.Periods != nil {
		t.Errorf("periods are %d, throttled %d, the proxy's %v", *own.Periods, *own.ThrottledPeriods, proxy.Periods)
	}
	if *proxy.MemoryMaxBytes != 54<<20 || proxy.Source != v1alpha1.SourceInPod || proxy.Side != v1alpha1.SideServer ||
		r.Sources[0].Missing != "" {
		t.Errorf("the proxy is %+v, sources %+v", proxy, r.Sources)
	}
	for i, cores := range proxy.Series.CPUCores {
		if cores != 0.25 || proxy.Series.OffsetSeconds[i] != 0.5*float64(i+1) {
			t.Errorf("sample %d is %g cores after %g s", i, cores, proxy.Series.OffsetSeconds[i])
		}
	}
}

func TestInPodCountsWhatItSawAndNoMore(t *testing.T) {
	p := reading(v1alpha1.SideServer, 700*time.Millisecond)
	r := resource.InPod(window(), []resource.PodReading{p})
	// Samples at 0.1, 0.8 ... 3.6 s: nothing is said of the rest.
	near(t, "the covered time", &r.Containers[1].CoveredSeconds, 3.5)
	near(t, "the CPU time", r.Containers[1].CPUSeconds, 3.5/4)
	// The load worker's last sample may be late: its load has ended.
	p = reading(v1alpha1.SideClient, 700*time.Millisecond)
	p.Usages = []wire.Usage{usage(0), usage(2 * time.Second), usage(4*time.Second + 100*time.Millisecond)}
	r = resource.InPod(window(), []resource.PodReading{p})
	near(t, "the covered time", &r.Containers[1].CoveredSeconds, 4)
}

func TestInPodFollowsRestarts(t *testing.T) {
	p := reading(v1alpha1.SideServer, time.Second)
	p.Containers[1].IDs = append(p.Containers[1].IDs, "ffffffffffff1111")
	p.Containers[1].Restarts = []time.Time{start.Add(2 * time.Second)}
	for i := range p.Usages {
		u := &p.Usages[i]
		after := u.At.Sub(start) - 1500*time.Millisecond
		if after < 0 {
			continue
		}
		frozen := usage(1500 * time.Millisecond).Containers[1]
		frozen.RSSBytes = 0
		u.Containers[1] = frozen
		u.Containers = append(u.Containers,
			wire.ContainerCounters{ID: "ffffffffffff", CPUNs: int64(after) / 2, RSSBytes: 9 << 20})
	}
	c := resource.InPod(window(), []resource.PodReading{p}).Containers[1]
	near(t, "the CPU time", c.CPUSeconds, 1.5/4+2.5/2)
	if !c.Restarted || c.CoveredSeconds != 4 {
		t.Errorf("container is %+v, want restarted and all of the window", c)
	}
	for _, cores := range c.Series.CPUCores {
		if cores < 0 {
			t.Errorf("there is a negative rate: %v", c.Series.CPUCores)
		}
	}
	// The worker itself is restarted: its counters begin again, with a new start.
	p = reading(v1alpha1.SideServer, time.Second)
	for i := range p.Usages {
		if u := &p.Usages[i]; !u.At.Before(start.Add(2 * time.Second)) {
			u.Since = start.Add(1500 * time.Millisecond)
			u.Containers[1].CPUNs -= int64(2 * time.Second)
		}
	}
	c = resource.InPod(window(), []resource.PodReading{p}).Containers[1]
	near(t, "the CPU time", c.CPUSeconds, 3.0/4)
	near(t, "the covered time", &c.CoveredSeconds, 3)
}

func TestInPodSaysWhatIsMissing(t *testing.T) {
	hidden := reading(v1alpha1.SideClient, time.Second)
	for i := range hidden.Usages {
		hidden.Usages[i].Hidden, hidden.Usages[i].Containers, hidden.Usages[i].Node = "no shared namespace",
			hidden.Usages[i].Containers[:1], nil
	}
	silent := reading(v1alpha1.SideServer, time.Second)
	silent.Pod, silent.Node, silent.Usages, silent.Lost = "q", "o", nil, "the log is gone"
	r := resource.InPod(window(), []resource.PodReading{hidden, silent})
	for i, want := range []string{"", "no shared namespace", "the log is gone", "the log is gone"} {
		if c := r.Containers[i]; c.Missing != want || (c.CPUSeconds == nil) != (want != "") {
			t.Errorf("container %d is %+v, want missing because %q", i, c, want)
		}
	}
	if r.Nodes[0].Missing != "the runtime hides /proc/stat" || r.Nodes[1].Missing != "the log is gone" ||
		r.Nodes[0].CPUSeconds != nil {
		t.Errorf("nodes are %+v", r.Nodes)
	}
	if r.Sources[0].Missing == "" {
		t.Error("the source does not say that something is missing")
	}
	short := window()
	short.EndedAt = start.Add(300 * time.Millisecond)
	if c := resource.InPod(short,
		[]resource.PodReading{reading(v1alpha1.SideServer, time.Second)}).Containers[0]; c.CPUSeconds != nil ||
		c.Missing != "the window holds fewer than two samples" {
		t.Errorf("in a short window the container is %+v", c)
	}
}

func TestInPodShiftsClocksThatDiffer(t *testing.T) {
	client, server := reading(v1alpha1.SideClient, time.Second), reading(v1alpha1.SideServer, time.Second)
	server.Node, server.Pod = "o", "q"
	for i := range server.Usages {
		server.Usages[i].At = server.Usages[i].At.Add(time.Hour)
	}
	client.Ahead, server.Ahead = number(-10*time.Millisecond), number(time.Hour-10*time.Millisecond)
	r := resource.InPod(window(), []resource.PodReading{client, server})
	near(t, "the covered time", &r.Containers[3].CoveredSeconds, 4)
	near(t, "the offset", r.Nodes[1].ClockOffsetSeconds, 3599.99)
	same := reading(v1alpha1.SideServer, time.Second)
	if r := resource.InPod(window(), []resource.PodReading{client, same}); len(r.Nodes) != 1 {
		t.Errorf("one node is there %d times", len(r.Nodes))
	}
}

func TestLongSeriesAreThinned(t *testing.T) {
	w := v1alpha1.Window{StartedAt: start, EndedAt: start.Add(time.Hour), Seconds: 3600}
	p := reading(v1alpha1.SideServer, time.Second)
	p.Usages = nil
	for at := time.Duration(0); at <= time.Hour; at += time.Second {
		p.Usages = append(p.Usages, usage(at))
	}
	s := resource.InPod(w, []resource.PodReading{p}).Containers[1].Series
	if n := len(s.CPUCores); n != 900 || len(s.OffsetSeconds) != n || len(s.MemoryBytes) != n ||
		s.OffsetSeconds[n-1] != 3600 || s.CPUCores[7] != 0.25 {
		t.Errorf("the series of an hour has %d points, the last at %g s", n, s.OffsetSeconds[n-1])
	}
}
