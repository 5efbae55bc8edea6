//go:build e2e

package e2e

import (
	"os"
	"slices"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/price"
	"github.com/meshbench/kubectl-meshbench/test/harness"
)

// A price is fitted on low rates and says what a higher one takes; that one is
// measured in the same run, and its figure lies with the prediction. Where the
// proxy's use bends, nothing may be predicted.
func TestAPricePredictsAHigherRate(t *testing.T) {
	s := newSuite(t)
	label, err := s.injector().Apply(t.Context(), harness.PatchProxy, "/patch/"+harness.PatchProxy, harness.TargetPods())
	if err != nil {
		t.Fatal(err)
	}
	baseline, meshed := s.pair(label)
	const highest = "rate=920"
	got := s.run("exp2", "--rate", "200,400,600,800,920", "--rounds", "4", "--duration", "2s", "--warmup", "500ms",
		"--baseline", baseline, "--meshed", meshed, "-o", "json").wantCode(t, 0)
	report := got.report(t)
	s.wantNothingLeft(baseline, meshed)
	measured := serverProxy(t, report)
	if n := len(measured.Points); n < 5 {
		t.Fatalf("%d rates were measured: %+v", n, measured)
	}
	truth := measured.Points[len(measured.Points)-1]
	low := report
	low.Cells = slices.Clone(report.Cells)
	for i := range low.Cells {
		low.Cells[i].Void = low.Cells[i].Void || low.Cells[i].Level == highest
	}
	fitted := serverProxy(t, low)
	t.Logf("fitted on four rates: %+v, bend %.1f %%; at %.0f/s %+v was measured", fitted.PerThousandCores,
		100*fitted.BendRatio, truth.RatePerSecond, truth.Cores)
	ask := price.Ask{PerSecond: truth.RatePerSecond, Hops: 1, Pods: 1}
	for _, one := range price.Lists(low)[0].Estimate(ask)[0].Parts {
		if one.Part != price.ServerProxy {
			continue
		}
		if (one.Cores != nil) != (fitted.PerThousandCores != nil) {
			t.Errorf("predicted %+v (%s) by a fit that is %+v", one.Cores, one.Missing, fitted.PerThousandCores)
		}
		// Both have an interval; a machine that others use may move the one by more
		// than the other knows of.
		const slack = 0.15
		if p := one.Cores; p != nil && (*p.High*(1+slack) < *truth.Cores.Low || *p.Low*(1-slack) > *truth.Cores.High) {
			t.Errorf("predicted %.4f cores (%.4f..%.4f), measured %.4f (%.4f..%.4f)", p.Value, *p.Low, *p.High,
				truth.Cores.Value, *truth.Cores.Low, *truth.Cores.High)
		}
	}
	file := s.tempFile("run.json")
	if err := os.WriteFile(file, []byte(got.stdout), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run("estimate", file, "--rps", "300000", "--pods", "2").wantCode(t, 4).wantError(t, "no arm could be estimated")
}

// serverProxy is the price of the proxy beside the target.
func serverProxy(t *testing.T, r v1alpha1.Report) price.Cost {
	t.Helper()
	for _, l := range price.Lists(r) {
		for _, arm := range l.Arms {
			for _, c := range arm.Parts {
				if c.Part == price.ServerProxy {
					if c.Missing != "" {
						t.Fatalf("the server's proxy has no price: %s", c.Missing)
					}
					return c
				}
			}
			t.Fatalf("arm %s has no proxy beside its target: %+v", arm.Name, arm)
		}
	}
	t.Fatal("the report has no prices")
	return price.Cost{}
}
