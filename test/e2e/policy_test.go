//go:build e2e

package e2e

import (
	"os"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// A network that enforces NetworkPolicies: a namespace that lets nothing in is
// named by `check`, and `check --deep` tells that it is so. With the policy that
// ships both are content, and a run goes to its end.
func TestAnEnforcingNetwork(t *testing.T) {
	s := newSuite(t)
	if s.Enforce == nil {
		t.Skip("only the throwaway cluster's network can be told to enforce policies")
	}
	if err := s.Enforce(t.Context()); err != nil {
		t.Fatal(err)
	}
	baseline, meshed := s.pair(nil)
	s.addPolicy(meshed, networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Name: "default-deny"},
		Spec: networkingv1.NetworkPolicySpec{PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}}})
	of := func(more ...string) []string {
		return append([]string{"check", "--baseline", baseline, "--meshed", meshed, "-o", "json"}, more...)
	}
	s.run(of()...).wantCode(t, 0).checks(t).want(t, "network", meshed, "WARN", "default-deny", "port 8080")
	denied := s.run(of("--deep")...).wantCode(t, 1).checks(t)
	denied.want(t, "probe", meshed, "FAIL", "default-deny")
	denied.want(t, "probe", baseline, "PASS", "requests in 1 s")
	text, err := os.ReadFile("../../manifests/policies/run.yaml")
	var ships networkingv1.NetworkPolicy
	if err == nil {
		err = yaml.UnmarshalStrict(text, &ships)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.addPolicy(meshed, ships)
	allowed := s.run(of("--deep")...).wantCode(t, 0).checks(t)
	allowed.want(t, "network", meshed, "PASS", "meshbench-run")
	allowed.want(t, "probe", meshed, "PASS", "requests in 1 s")
	report := s.run(append(short("exp1", "--baseline", baseline, "--meshed", meshed), "--rounds", "2",
		"--image", s.WorkerImage, "--inconclusive", "pass", "-o", "json")...).wantCode(t, 0).report(t)
	for _, trial := range report.Trials {
		if trial.Load == nil || trial.Load.Failed() > 0 {
			t.Errorf("trial %s: %s, %+v", trial.ID, trial.Reason, trial.Load)
		}
	}
	s.wantNothingLeft(baseline, meshed)
}

func (s suite) addPolicy(namespace string, p networkingv1.NetworkPolicy) {
	s.t.Helper()
	_, err := s.Clientset.NetworkingV1().NetworkPolicies(namespace).Create(s.t.Context(), &p, metav1.CreateOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
}
