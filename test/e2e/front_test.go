//go:build e2e

package e2e

import (
	"net/url"
	"testing"

	"k8s.io/client-go/rest"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/loopback"
)

// What a load balancer before a real API server does wrong while a run lasts is no
// fault of any trial: none is lost, none is done twice, nothing is left.
func TestNothingIsLostBehindAFrontThatFails(t *testing.T) {
	s := newSuite(t)
	baseline, meshed := s.pair(nil)
	by, err := rest.TransportFor(s.Config)
	if err != nil {
		t.Fatal(err)
	}
	before, err := url.Parse(s.Config.Host)
	if err != nil {
		t.Fatal(err)
	}
	front := loopback.StartFront(before, by, loopback.Script())
	t.Cleanup(front.Close)
	kubeconfig := s.tempFile("kubeconfig")
	if err := front.Kubeconfig(kubeconfig, "front"); err != nil {
		t.Fatal(err)
	}
	r := s.runAs(kubeconfig, "exp1", "--baseline", baseline, "--meshed", meshed, "--rounds", "3", "--duration", "3s",
		"--warmup", "0s", "--connections", "4", "--resources", "none", "--inconclusive", "pass", "-o", "json").
		wantCode(t, 0).report(t)
	seen := map[string]int{}
	for _, trial := range r.Trials {
		if trial.Status != v1alpha1.TrialCompleted {
			t.Errorf("trial %s is %s: %s", trial.ID, trial.Status, trial.Reason)
		}
		seen[trial.ID]++
	}
	if len(r.Trials) != 6 || len(seen) != 6 || front.LoadPods() != 6 {
		t.Errorf("%d trials, %d of them different, of %d load pods; want 6 of 6", len(r.Trials), len(seen), front.LoadPods())
	}
	for i, n := range front.Taken() {
		if n == 0 {
			t.Errorf("fault %d of the script has met no request", i)
		}
	}
	s.wantNothingLeft(baseline, meshed)
}
