//go:build e2e

package e2e

import (
	"context"
	"os"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/harness"
)

// One proxy per node, opted into by the name that is called: with the limit of
// Traefik Mesh's chart, which must be named as what holds the arm back, and
// without it. gRPC goes through, which the thesis did not see (MF10).
func TestTraefikPerNode(t *testing.T) {
	s := newSuite(t)
	traefik, err := s.InstallTraefik(t.Context())
	t.Cleanup(func() {
		if traefik == nil {
			return
		}
		if err := traefik.Remove(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("Limited", func(t *testing.T) {
		report, meshed := traefikRun(t, "exp1")
		if !hasFindingOn(report, "throttled", meshed) {
			t.Errorf("nothing says that the proxies were throttled: %v", report.Findings)
		}
	})
	if err := traefik.Unlimited(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, experiment := range []string{"exp1", "exp4"} {
		t.Run("Unlimited/"+experiment, func(t *testing.T) {
			if report, meshed := traefikRun(t, experiment); hasFindingOn(report, "throttled", meshed) {
				t.Error("a proxy without a limit is called throttled")
			}
		})
	}
}

// traefikRun measures namespaces that differ only in how the target is called.
func traefikRun(t *testing.T, experiment string) (report v1alpha1.Report, meshed string) {
	t.Helper()
	s := newSuite(t)
	baseline := s.namespace(harness.Namespace{Prefix: "base", Role: v1alpha1.RoleBaseline})
	meshed = s.namespace(harness.Namespace{Prefix: "mesh", Role: v1alpha1.RoleMeshed,
		Annotations: map[string]string{v1alpha1.AnnotationMesh: "traefik-mesh"}})
	table := s.tempFile("table.txt")
	report = s.run(experiment, "--rounds", "4", "--duration", "3s", "--warmup", "1s", "--baseline", baseline, "--meshed",
		meshed, "-o", "json", "-o", "wide="+table).wantCode(t, 0).report(t)
	if text, err := os.ReadFile(table); err != nil {
		t.Error(err)
	} else {
		t.Logf("\n%s", text)
	}
	s.wantNothingLeft(baseline, meshed)
	for _, trial := range report.Trials {
		if trial.Status != v1alpha1.TrialCompleted || trial.Load == nil || trial.Load.Requests == 0 ||
			trial.Load.Failed() > 0 {
			t.Errorf("trial %s: %s %s %+v", trial.ID, trial.Status, trial.Reason, trial.Load)
		}
	}
	for _, arm := range report.Arms {
		d := arm.DataPlane
		if arm.Name != meshed || d == nil {
			continue
		}
		if d.Mesh != "traefik-mesh" || d.Path != v1alpha1.PathBothSides || d.MTLS != v1alpha1.AnswerNo {
			t.Errorf("%+v, want proxies in the path, without mutual TLS", d)
		}
	}
	if cpu := nodeProxyCPU(report, meshed); cpu == nil || *cpu <= 0 {
		t.Errorf("the proxies on the nodes used %v, want a figure", cpu)
	}
	return report, meshed
}

// nodeProxyCPU is the CPU of node proxies for 1,000 requests; nil if nobody saw it.
func nodeProxyCPU(r v1alpha1.Report, arm string) *float64 {
	for _, c := range r.Cells {
		for _, m := range c.Values {
			if c.Arm == arm && m.Metric == v1alpha1.CPUPer1000(v1alpha1.CostNodeProxy) {
				return m.Value
			}
		}
	}
	return nil
}
