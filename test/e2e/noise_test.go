//go:build e2e

package e2e

import (
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/harness"
)

// With --aa the baseline's namespace holds two targets, and two meshed arms may
// stand beside it: nothing of one arm is taken for another's.
func TestTheBaselineIsComparedWithItself(t *testing.T) {
	s := newSuite(t)
	label, err := s.injector().Apply(t.Context(), harness.PatchProxy, "/patch/"+harness.PatchProxy, harness.TargetPods())
	if err != nil {
		t.Fatal(err)
	}
	baseline, meshed := s.pair(label)
	second := s.namespace(harness.Namespace{Prefix: "meshed", Role: "meshed", Labels: label})
	report := s.run(append(short("exp2", "--baseline", baseline, "--meshed", meshed, "--meshed", second, "--aa", "--rate",
		"200", "--rounds", "4"), "-o", "json")...).wantCode(t, 0).report(t)
	if len(report.Arms) != 4 || report.Arms[1].Role != v1alpha1.RoleControl || report.Arms[1].Namespace != baseline {
		t.Fatalf("arms %+v, want the baseline, its control and two meshed ones", report.Arms)
	}
	for _, trial := range report.Trials {
		if trial.Status != v1alpha1.TrialCompleted || trial.Load.Failed() != 0 {
			t.Errorf("trial %s: %s %s", trial.ID, trial.Status, trial.Reason)
		}
	}
	if report.Arms[0].Target.Name == report.Arms[1].Target.Name {
		t.Errorf("baseline and control share the target %s", report.Arms[0].Target.Name)
	}
	if !hasFinding(report, "noise-floor") {
		t.Errorf("findings %+v, want the noise floor", report.Findings)
	}
	for _, name := range []string{report.Arms[1].Name, report.Arms[2].Name, report.Arms[3].Name} {
		if c := comparison(t, report, name, v1alpha1.MetricP50); c.Pairs != 4 || c.Ratio == nil {
			t.Errorf("%s against the baseline: %+v", name, c)
		}
	}
	s.wantNothingLeft(baseline, meshed, second)
}
