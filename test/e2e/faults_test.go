//go:build e2e

package e2e

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
	"github.com/meshbench/kubectl-meshbench/test/harness"
)

// retrying is a policy of retries, and how often it sends a failure again.
type retrying struct {
	name, reasons string
	attempts      int
	http, grpc    int
}

// A target that fails one request in ten, through a real Istio as it comes, with
// retries of status 503, and with none: what clients see, and what the target
// receives, are what each policy predicts.
func istioRetries(s suite, istio *harness.Istio) {
	policies := []retrying{
		// Istio's own: twice, gRPC's UNAVAILABLE among the reasons, but no status of HTTP.
		{name: "asitcomes", http: 0, grpc: 2},
		{name: "all", reasons: "connect-failure,unavailable,retriable-status-codes", attempts: 2, http: 2, grpc: 2},
		{name: "off", reasons: "connect-failure", attempts: 2},
	}
	baseline := s.namespace(harness.Namespace{Prefix: "base", Role: v1alpha1.RoleBaseline})
	byArm := map[string]retrying{baseline: {name: "baseline"}}
	var arms []string
	for _, p := range policies {
		arm := s.namespace(harness.Namespace{Prefix: p.name, Role: v1alpha1.RoleMeshed, Labels: istio.Labels()})
		if p.reasons != "" {
			if err := istio.SetRetries(s.t.Context(), arm, p.reasons, p.attempts); err != nil {
				s.t.Fatal(err)
			}
		}
		byArm[arm] = p
		arms = append(arms, arm)
	}
	table := s.tempFile("table.txt")
	const share = 0.1
	r := s.run("run", "errors", "--baseline", baseline, "--meshed", strings.Join(arms, ","),
		"--set", "factors.protocol=[http1, grpc]", "--set", fmt.Sprintf("factors.errorRatio=%g", share), "--rate", "200",
		"--connections", "16", "--rounds", "2", "--duration", "4s", "--warmup", "500ms", "--seed", "7", "--resources", "none",
		"-o", "json", "-o", "table="+table).wantCode(s.t, 0).report(s.t)
	s.show(table)
	x := report.IndexOf(r)
	for _, c := range r.Cells {
		p := byArm[namespaceOf(r, c.Arm)]
		retries := p.grpc
		if strings.Contains(c.Level, "http1") {
			retries = p.http
		}
		wantPredicted(s.t, x, c, fmt.Sprintf("%s, %s", p.name, c.Level), share, retries)
		if got := hasFindingOn(r, "mesh-retries", c.Arm); got != (p.http+p.grpc > 0) {
			s.t.Errorf("%s: finding mesh-retries: %t", p.name, got)
		}
	}
	for _, f := range r.Findings {
		if f.Severity == v1alpha1.SeverityVoid || f.Code == "errors" || f.Code == "fault-share" {
			s.t.Errorf("finding %+v", f)
		}
	}
	s.wantNothingLeft(append(arms, baseline)...)
}

// wantPredicted fails unless a cell shows what so many retries make of a share of
// failures: each attempt is a draw of its own.
func wantPredicted(t *testing.T, x report.Index, c v1alpha1.Cell, name string, share float64, retries int) {
	t.Helper()
	seen := math.Pow(share, float64(retries+1))
	times := (1 - seen) / (1 - share)
	errors, _ := report.Value(c, v1alpha1.MetricErrors)
	amplified, _ := report.Value(c, v1alpha1.MetricAmplification)
	if errors.Value == nil || amplified.Value == nil || c.Void {
		t.Errorf("%s: void %t, errors %+v, amplification %+v", name, c.Void, errors, amplified)
		return
	}
	t.Logf("%s: %d of %d failed, %.4g %%, and %.4g were received for each one sent; predicted %.4g %% and %.4g", name,
		c.Errors, c.Requests+c.Errors, 100**errors.Value, *amplified.Value, 100*seen, times)
	n := float64(c.Requests + c.Errors)
	if off := 5*math.Sqrt(seen*(1-seen)/n) + 2/n; math.Abs(*errors.Value-seen) > off {
		t.Errorf("%s: %.4g of the requests failed, want %.4g, give or take %.2g", name, *errors.Value, seen, off)
	}
	// How often something is sent again varies as failures do.
	if off := 5*math.Sqrt(share*(1-share)/n) + 0.001; retries > 0 && math.Abs(*amplified.Value-times) > off {
		t.Errorf("%s: %.4g received for each one sent, want %.4g, give or take %.2g", name, *amplified.Value, times, off)
	}
	if c.Faults != c.Errors {
		t.Errorf("%s: %d failed, and %d of them as asked", name, c.Errors, c.Faults)
	}
	for _, trial := range x.Trials(c.Address) {
		n := trial.Received
		if n == nil || n.Faults == nil || *n.Faults == 0 || retries == 0 && n.Received != n.Sent {
			t.Errorf("%s, round %d: the target received %+v", name, trial.Round, n)
		}
	}
}
