//go:build e2e

package e2e

import (
	"slices"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/harness"
)

// A data plane in the kernel: in one cluster pods are joined by routes, in the other
// by the real Cilium agent, at layer 4 and without a proxy (make cilium). Nothing may
// be taken for a proxy or for encryption, and what the programs cost is nobody's.
func TestCilium(t *testing.T) {
	s := newSuite(t)
	file := s.tempFile("kubeconfig")
	other, context, err := s.Second(file)
	if err != nil {
		t.Fatal(err)
	}
	if other == nil {
		t.Skip("there is no second cluster: make cilium")
	}
	second := suite{Harness: other, t: t}
	baseline := s.namespace(harness.Namespace{Prefix: "base", Role: v1alpha1.RoleBaseline})
	meshed := second.namespace(harness.Namespace{Prefix: "mesh", Role: v1alpha1.RoleMeshed,
		Annotations: map[string]string{v1alpha1.AnnotationMesh: "cilium"}})
	for _, experiment := range []string{"exp1", "exp4"} {
		t.Run(experiment, func(t *testing.T) {
			table := s.tempFile(experiment + ".txt")
			report := s.runAs(file, experiment, "--rounds", "1", "--duration", "3s", "--warmup", "1s", "--idle", "2s",
				"--inconclusive", "pass", "--baseline", baseline, "--meshed", meshed+"@"+context, "-o", "json",
				"-o", "wide="+table).
				wantCode(t, 0).report(t)
			s.show(table)
			wantCilium(t, report)
		})
	}
	s.wantNothingLeft(baseline)
	second.wantNothingLeft(meshed)
}

// wantCilium is what must be said of arms that differ only in the pods' network.
func wantCilium(t *testing.T, report v1alpha1.Report) {
	t.Helper()
	for _, trial := range report.Trials {
		if trial.Status != v1alpha1.TrialCompleted || trial.Load == nil || trial.Load.Requests == 0 ||
			trial.Load.Failed() > 0 {
			t.Errorf("trial %s: %s %s %+v", trial.ID, trial.Status, trial.Reason, trial.Load)
		}
	}
	if !hasFinding(report, "clusters-differ") {
		t.Errorf("nothing says that the arms are in two clusters: %+v", report.Findings)
	}
	i := slices.IndexFunc(report.Arms, func(a v1alpha1.Arm) bool { return a.Context != "" })
	if i < 0 || report.Arms[i].DataPlane == nil {
		t.Fatalf("no arm of another cluster with a data plane: %+v", report.Arms)
	}
	arm, d := report.Arms[i].Name, report.Arms[i].DataPlane
	t.Logf("data plane: %+v", *d)
	if d.Mesh != "cilium" || d.Confidence != v1alpha1.ConfidenceCertain || d.DataPlaneVersion != "v1.15.19" {
		t.Errorf("%+v, want certainly Cilium v1.15.19", *d)
	}
	if d.Path != v1alpha1.PathUnknown || d.MTLS != v1alpha1.AnswerUnknown {
		t.Errorf("path %q, mutual TLS %q; want unknown: programs in the kernel leave no trace", d.Path, d.MTLS)
	}
	for _, c := range report.Cells {
		for _, m := range c.Values {
			switch {
			case c.Arm != arm:
			case m.Metric == v1alpha1.CPUPer1000(v1alpha1.CostUnattributed) && (m.Value == nil || *m.Value <= 0):
				t.Errorf("%s: the kernel's share is %v, want a figure", c.Level, m.Value)
			case m.Metric == v1alpha1.CPUPer1000(v1alpha1.CostNodeProxy) && m.Value != nil:
				t.Errorf("%s: a proxy used %v where there is none", c.Level, *m.Value)
			}
		}
	}
}
