//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// One target and three, in one run: the Service of each level has so many behind it,
// new connections are shared out, one connection of gRPC is not, and all targets
// together received what was sent.
func TestReplicas(t *testing.T) {
	s := newSuite(t)
	baseline, meshed := s.pair(nil)
	run := func(more ...string) v1alpha1.Report {
		return s.run(append([]string{"exp1", "--baseline", baseline, "--meshed", meshed, "--rate", "400",
			"--rounds", "1", "--duration", "4s", "--warmup", "500ms", "--idle", "0s", "-o", "json"}, more...)...).
			wantCode(t, 0).report(t)
	}
	shared := run("--set", "factors.replicas=[1, 3]", "--connections", "8", "--set", "factors.requestsPerConnection=10")
	for _, trial := range shared.Trials {
		several := strings.Contains(trial.Level, "replicas=3")
		n := trial.Received
		if n == nil || n.Sent == 0 || n.Received < n.Sent-trial.Load.Failed() || n.Received > n.Sent+trial.Load.Sockets {
			t.Fatalf("trial %s received %+v", trial.ID, n)
		}
		if several != (len(n.Replicas) == 3) {
			t.Errorf("trial %s has the targets %+v", trial.ID, n.Replicas)
		}
		for _, one := range n.Replicas {
			if one.Received*10 < n.Received {
				t.Errorf("trial %s: %+v of %d requests, which is no third", trial.ID, one, n.Received)
			}
		}
		if !slices.ContainsFunc(trial.Resources.Containers, func(u v1alpha1.ContainerUsage) bool {
			return u.Side == v1alpha1.SideServer && (!several || strings.HasSuffix(u.Pod, "-target-2")) && u.CPUSeconds != nil
		}) {
			t.Errorf("trial %s: no CPU of the last target among %+v", trial.ID, trial.Resources.Containers)
		}
	}
	if hasFinding(shared, "replicas-uneven") {
		t.Errorf("findings %+v", shared.Findings)
	}
	pinned := run("--set", "factors.replicas=3", "--set", "factors.protocol=grpc", "--connections", "1")
	for _, trial := range pinned.Trials {
		if n := trial.Received; n == nil || len(n.Replicas) != 3 || !slices.ContainsFunc(n.Replicas,
			func(one v1alpha1.ReplicaCount) bool { return one.Received == n.Received }) {
			t.Errorf("trial %s, of one connection, received %+v", trial.ID, n)
		}
	}
	if !hasFinding(pinned, "replicas-uneven") {
		t.Errorf("all requests went to one of three, and the findings are %+v", pinned.Findings)
	}
	s.wantNothingLeft(baseline, meshed)
}
