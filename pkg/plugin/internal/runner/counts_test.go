package runner

import (
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

func reading(requests, mutualTLS int64) wire.ProxyReading {
	return wire.ProxyReading{Requests: &requests, MutualTLS: &mutualTLS}
}

func counted(sent int64, client, server *wire.ProxyInterval) harvest {
	return harvest{result: &wire.Result{Counts: &wire.Counts{Sent: sent, Seconds: 5, Client: client, Server: server}}}
}

func interval(before, after wire.ProxyReading) *wire.ProxyInterval {
	return &wire.ProxyInterval{Before: before, After: after}
}

// Each load pod has a proxy of its own; they share the target's, which the
// second pod reads while the first one's warm-up runs.
func TestCountsOfSeveralLoadPodsAreOfAllTheirRequests(t *testing.T) {
	got := proxyCounts([]harvest{
		counted(100, interval(reading(1, 0), reading(101, 0)), interval(reading(7, 7), reading(190, 190))),
		counted(100, interval(reading(1, 0), reading(101, 0)), interval(reading(27, 27), reading(207, 207))),
		{result: &wire.Result{}},
	}, 64)
	if len(got) != 2 {
		t.Fatalf("got %+v, want both sides", got)
	}
	for i, side := range []v1alpha1.Side{v1alpha1.SideClient, v1alpha1.SideServer} {
		c := got[i]
		if c.Side != side || c.Sent != 200 || c.Sockets != 64 || c.Seconds != 5 || c.Counted == nil || *c.Counted != 200 ||
			c.Connections != nil || c.Unread != "" {
			t.Errorf("side %s: %+v, want 200 counted of 200", side, c)
		}
	}
	if *got[1].MutualTLS != 200 || *got[0].MutualTLS != 0 {
		t.Errorf("mutual TLS is %d and %d, want 0 and 200", *got[0].MutualTLS, *got[1].MutualTLS)
	}
	if none := proxyCounts([]harvest{{result: &wire.Result{}}}, 1); none != nil {
		t.Errorf("nothing was read, and counted %+v", none)
	}
}

func TestWhatOnePodCouldNotReadIsNoSum(t *testing.T) {
	zero := int64(0)
	absent := wire.ProxyReading{Requests: &zero, Unread: "no such counter"}
	failed := wire.ProxyReading{Unread: "nothing listens"}
	whole := interval(reading(1, 1), reading(2, 2))
	for _, c := range []struct {
		name string
		with *wire.ProxyInterval
		want string
	}{
		{"not before", interval(failed, reading(9, 9)), "nothing listens"},
		{"not after", interval(reading(1, 1), failed), "nothing listens"},
		{"no such counter", interval(absent, absent), "no such counter"},
		{"restarted", interval(reading(9, 9), reading(1, 1)), "the counter went back: the proxy was restarted"},
		{"counted from nothing", interval(absent, reading(9, 9)), ""},
	} {
		for side, harvests := range map[v1alpha1.Side][]harvest{
			v1alpha1.SideClient: {counted(5, whole, nil), counted(5, c.with, nil)},
			v1alpha1.SideServer: {counted(5, nil, c.with)},
		} {
			got := proxyCounts(harvests, 1)
			if len(got) != 1 || got[0].Side != side || got[0].Unread != c.want || (got[0].Counted == nil) != (c.want != "") {
				t.Errorf("%s, %s: %+v, want the reason %q", c.name, side, got, c.want)
			}
		}
	}
	if w := widest([]wire.ProxyInterval{*whole, *interval(failed, reading(9, 9))}); w.Before.Unread == "" {
		t.Errorf("one of two could not read the target's proxy, and the count is %+v", w)
	}
}

// Load pods share a target: what it received is from the first reading to the
// last, and nobody's where one of them was not told.
func TestWhatTheTargetReceivedIsOfAllLoadPods(t *testing.T) {
	told := func(sent, before, after int64) harvest {
		return harvest{result: &wire.Result{Target: &wire.TargetCount{Sent: sent,
			Before: wire.Served{Own: before, Probes: 5, Strangers: 7},
			After:  wire.Served{Own: after, Probes: 12, Strangers: 9}}}}
	}
	got := received([]harvest{told(100, 1000, 1290), told(100, 1020, 1300)})
	if got == nil || got.Sent != 200 || got.Received != 300 || *got.Strangers != 2+3 {
		t.Errorf("received %+v, want 300 of 200 sent, and 2 requests and 3 probes of strangers", got)
	}
	foreign := harvest{result: &wire.Result{Target: &wire.TargetCount{Sent: 9, Impostor: "pod x"}}}
	both := []harvest{told(1, 1, 2), foreign}
	if r := received(both); r != nil || impostor(both) != "pod x" {
		t.Errorf("an impostor answered, and received %+v by %q", r, impostor(both))
	}
	if none := received([]harvest{told(1, 1, 2), {result: &wire.Result{}}}); none != nil {
		t.Errorf("one was not told, and received %+v", none)
	}
}
