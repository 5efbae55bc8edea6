//go:build e2e

package e2e

import (
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/harness"
)

// How HTTP ends a connection is no failure: a stock nginx ends each after 1,000
// requests, one with keep-alive off after each request. New sockets are counted.
func TestConnectionsThatAProxyEndsAreNoFailures(t *testing.T) {
	s := newSuite(t)
	injector := s.injector()
	for _, c := range []struct {
		patch string
		// atMost is the most requests of one socket.
		atMost float64
	}{{harness.PatchNginx, 1000}, {harness.PatchNginxOff, 1}} {
		label, err := injector.Apply(t.Context(), c.patch, "/patch/"+c.patch, harness.TargetPods())
		if err != nil {
			t.Fatal(err)
		}
		baseline, meshed := s.pair(label)
		report := s.run("exp1", "--baseline", baseline, "--meshed", meshed, "--rounds", "1", "--connections", "4",
			"--duration", "4s", "--warmup", "500ms", "--resources", "none", "-o", "json", "--inconclusive", "pass").report(t)
		for _, trial := range report.Trials {
			if trial.Status != v1alpha1.TrialCompleted || trial.Load.Requests == 0 || trial.Load.Failed() != 0 {
				t.Fatalf("%s: trial %s is %s %s: errors %+v", c.patch, trial.ID, trial.Status, trial.Reason, trial.Load)
			}
			if trial.Arm != meshed {
				continue
			}
			requests, opened := float64(trial.Load.Requests), trial.Load.WindowSockets
			t.Logf("%s: %d requests, %d sockets", c.patch, trial.Load.Requests, trial.Load.Sockets)
			// What each connection has left of its requests at the window's ends.
			if opened == nil || float64(*opened) < requests/c.atMost-4 || float64(*opened) > 1.1*requests/c.atMost+8 {
				t.Errorf("%s: %v sockets were opened for %.0f requests, want one for each %.0f", c.patch, opened, requests,
					c.atMost)
			}
		}
		if off := c.patch == harness.PatchNginxOff; off && !hasFinding(report, "reconnects") {
			t.Errorf("%s: no finding tells of the sockets", c.patch)
		}
	}
}

// A target that stands still for half of the time keeps no bound: what was never
// answered, or late, counts.
func TestAFrozenTargetKeepsNoObjective(t *testing.T) {
	s := newSuite(t)
	label, err := s.injector().Apply(t.Context(), harness.PatchFreeze, "/patch/"+harness.PatchFreeze, harness.TargetPods())
	if err != nil {
		t.Fatal(err)
	}
	baseline, meshed := s.pair(label)
	got := s.run("exp1", "--baseline", baseline, "--meshed", meshed, "--rounds", "4", "--connections", "4", "--rate",
		"100", "--duration", "4s", "--warmup", "200ms", "--resources", "none", "--slo", "p99 < 500ms", "-o", "json")
	if got.code != 3 && got.code != 4 {
		t.Fatalf("exit code %d, want 3 or 4: %s", got.code, got.stderr)
	}
	report := got.report(t)
	if len(report.Verdicts) != 1 || report.Verdicts[0].Result == v1alpha1.VerdictPass {
		t.Errorf("the verdicts are %+v", report.Verdicts)
	}
	t.Logf("exit code %d: %+v", got.code, report.Verdicts)
}
