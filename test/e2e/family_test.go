//go:build e2e

package e2e

import (
	"os"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/wire"
)

// A run goes over the addresses that the cluster has, of whatever family: nodes,
// pods, Services and names (make e2e-families). In a cluster of both, Services
// have those of the first one.
func TestARunUsesTheClustersAddresses(t *testing.T) {
	want := v1alpha1.FamilyIPv4
	switch os.Getenv("MESHBENCH_E2E_IP_FAMILY") {
	case "ipv6":
		want = v1alpha1.FamilyIPv6
	case "dual":
	default:
		t.Skip("a cluster of IPv4 alone is what all other tests run on")
	}
	s := newSuite(t)
	baseline, meshed := s.pair(nil)
	s.run("check", "--deep", "--baseline", baseline, "--meshed", meshed).wantCode(t, 0)
	for _, protocol := range wire.ProtocolIDs() {
		r := s.run("exp1", "--set", "factors.protocol="+string(protocol), "--baseline", baseline, "--meshed", meshed,
			"--rounds", "1", "--duration", "2s", "--warmup", "0s", "--connections", "4", "--idle", "2s", "--inconclusive",
			"pass",
			"-o", "json").wantCode(t, 0).report(t)
		for _, trial := range r.Trials {
			if trial.Status != v1alpha1.TrialCompleted || trial.Load == nil || trial.Load.Failed() > 0 {
				t.Errorf("%s: trial %s is %s: %s %+v", protocol, trial.ID, trial.Status, trial.Reason, trial.Load)
				continue
			}
			for _, peer := range trial.Load.Peers {
				if peer.Family != want {
					t.Errorf("%s: requests went to %+v, want %s", protocol, peer, want)
				}
			}
			if len(trial.Load.Peers) == 0 || trial.Resources == nil || len(trial.Resources.Nodes) == 0 {
				t.Errorf("%s: trial %s went to %+v, its resources are %+v", protocol, trial.ID, trial.Load.Peers,
					trial.Resources)
			}
		}
	}
	s.wantNothingLeft(baseline, meshed)
}
