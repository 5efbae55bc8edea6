//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
	"github.com/meshbench/kubectl-meshbench/test/harness"
)

// A chain of eight through a real Istio, each hop by a Service of its own: every call
// is received where it was sent to, the proxies of all hops take part, and what a hop
// adds is more with the mesh than without it.
func istioChain(s suite, istio *harness.Istio) {
	baseline := s.namespace(harness.Namespace{Prefix: "base", Role: v1alpha1.RoleBaseline})
	meshed := s.namespace(harness.Namespace{Prefix: "istio", Role: v1alpha1.RoleMeshed, Labels: istio.Labels()})
	table := s.tempFile("table.txt")
	r := s.run("run", "chain", "--baseline", baseline, "--meshed", meshed, "--set", "factors.hops=[1, 8]", "--rate", "30",
		"--rounds", "2", "--duration", "5s", "--warmup", "1s", "--idle", "0s", "--seed", "3", "--set",
		"target.cpuRequest=20m", "--set", "target.memory=64Mi", "-o", "json", "-o", "table="+table).wantCode(s.t,
		0).report(s.t)
	s.show(table)
	x := report.IndexOf(r)
	added := map[string]float64{}
	for _, c := range r.Cells {
		for _, trial := range x.Trials(c.Address) {
			if trial.Status != v1alpha1.TrialCompleted {
				s.t.Fatalf("trial %s: %s", trial.ID, trial.Reason)
			}
			hops := 1
			if strings.Contains(c.Level, "hops=8") {
				hops = 8
			}
			wantHops(s.t, trial, hops)
			wantProvedEdges(s.t, trial, hops, namespaceOf(r, c.Arm) == meshed)
			added[namespaceOf(r, c.Arm)] += trial.Load.ResponseTime.MeanSeconds * float64(map[int]int{1: -1, 8: 1}[hops])
		}
	}
	if added[meshed] <= added[baseline] || added[baseline] <= 0 {
		s.t.Errorf("seven more hops add %v s to the mean of two rounds", added)
	}
	wantSlopes(s.t, r, baseline, meshed)
	for _, f := range r.Findings {
		if f.Severity == v1alpha1.SeverityVoid || f.Code == "chain-broken" {
			s.t.Errorf("finding %+v", f)
		}
	}
	s.wantNothingLeft(baseline, meshed)
}

// wantSlopes fails unless the mean latency grows with each hop in both arms, and by
// more with the mesh.
func wantSlopes(t *testing.T, r v1alpha1.Report, baseline, meshed string) {
	t.Helper()
	perHop := map[string]v1alpha1.Slope{}
	for _, one := range r.Slopes {
		if one.Metric == v1alpha1.MetricMean {
			perHop[namespaceOf(r, one.Arm)] = one
		}
	}
	of, with := perHop[baseline], perHop[meshed]
	if of.Value == nil || with.Value == nil || with.Difference == nil || of.Value.Value <= 0 ||
		with.Difference.Value <= 0 {
		t.Errorf("slopes over hops: %+v and %+v", of, with)
	}
}

// wantHops fails unless every hop received what the one before it called, over
// connections that were kept.
func wantHops(t *testing.T, trial v1alpha1.Trial, hops int) {
	t.Helper()
	n := trial.Received
	switch {
	case n == nil:
		t.Fatalf("trial %s: nobody knows what was received", trial.ID)
	case hops == 1 && len(n.Hops) > 0, hops > 1 && len(n.Hops) != hops:
		t.Fatalf("trial %s received %+v", trial.ID, n)
	}
	for i, hop := range n.Hops {
		if hop.Received < n.Sent || hop.Received > n.Sent+int64(hops) {
			t.Errorf("trial %s: hop %d received %d of %d", trial.ID, i+1, hop.Received, n.Sent)
		}
		if last := i == hops-1; last != (hop.Called == nil) || !last && (*hop.Called != hop.Received || *hop.Failed != 0 ||
			*hop.Opened > 64) {
			t.Errorf("trial %s: hop %d made %v calls over %v new connections", trial.ID, i+1, hop.Called, hop.Opened)
		}
	}
}

// wantProvedEdges fails unless every hop saw the proxy of the one before it, or none
// where there is no mesh.
func wantProvedEdges(t *testing.T, trial v1alpha1.Trial, hops int, meshed bool) {
	t.Helper()
	if len(trial.Probes) != hops {
		t.Errorf("trial %s has %d probes, want one of each hop", trial.ID, len(trial.Probes))
	}
	for _, p := range trial.Probes {
		if proved := strings.HasPrefix(p.ClientIdentity, "spiffe://"); proved != meshed {
			t.Errorf("trial %s: hop %d saw the identity %q", trial.ID, max(p.Hop, 1), p.ClientIdentity)
		}
	}
}

// A fan-out by gRPC, without a mesh: leaves are called as often as was asked.
func TestFanOut(t *testing.T) {
	s := newSuite(t)
	baseline, meshed := s.pair(nil)
	r := s.run("exp1", "--baseline", baseline, "--meshed", meshed, "--rate", "100", "--connections", "4", "--rounds", "1",
		"--duration", "3s", "--warmup", "500ms", "--idle", "0s", "--set", "factors.protocol=[grpc, http1, h2c]",
		"--set", "factors.hops=2", "--set", "factors.fanOut=8", "-o", "json").wantCode(t, 0).report(t)
	for _, trial := range r.Trials {
		n := trial.Received
		if n == nil || len(n.Hops) != 2 || n.Hops[1].Received < 8*n.Sent || n.Hops[1].Received > 8*(n.Sent+8) ||
			*n.Hops[0].Called != n.Hops[1].Received || *n.Hops[0].Opened > 4*8 {
			t.Errorf("trial %s received %+v", trial.ID, n)
		}
	}
	s.wantNothingLeft(baseline, meshed)
}
