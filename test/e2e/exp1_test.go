//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/harness"
)

// The main job, by a user who may do exactly what the shipped Role allows.
func TestExp1ComparesAProxiedArmWithTheBaseline(t *testing.T) {
	s := newSuite(t)
	label, err := s.injector().Apply(t.Context(), harness.PatchProxy, "/patch/"+harness.PatchProxy, harness.TargetPods())
	if err != nil {
		t.Fatal(err)
	}
	baseline, meshed := s.pair(label)
	bystander := s.namespace(harness.Namespace{Prefix: "bystander"})
	user := s.tempFile("kubeconfig")
	if err := s.User(t.Context(), user, nil, baseline, meshed); err != nil {
		t.Fatal(err)
	}
	table := s.tempFile("table.txt")
	got := s.runAs(user,
		append(short("exp1", "--baseline", baseline, "--meshed", meshed, "--rounds", "4", "--seed", "7"), "-o", "json", "-o",
			"table="+table)...).wantCode(t, 0)
	report := got.report(t)
	if len(report.Trials) != 8 || report.Run.Seed != 7 || report.Run.Interrupted {
		t.Fatalf("%d trials, seed %d, interrupted %v; want 8, 7, false", len(report.Trials), report.Run.Seed,
			report.Run.Interrupted)
	}
	for _, trial := range report.Trials {
		if trial.Status != v1alpha1.TrialCompleted || trial.Load.Requests == 0 || trial.Load.Failed() != 0 {
			t.Errorf("trial %s: %s %s, %d requests, errors %v", trial.ID, trial.Status, trial.Reason, trial.Load.Requests,
				trial.Load.Errors)
			continue
		}
		if trial.Load.ServiceTime.Count != trial.Load.Requests {
			t.Errorf("trial %s: %d requests, but %d in the histogram", trial.ID, trial.Load.Requests,
				trial.Load.ServiceTime.Count)
		}
		var sum int64
		for _, second := range trial.Series {
			sum += second.Requests
		}
		if sum != trial.Load.Requests {
			t.Errorf("trial %s: the seconds add up to %d requests, the result says %d", trial.ID, sum, trial.Load.Requests)
		}
		if len(trial.Pods) != 1 || trial.Pods[0].Node == report.Arms[0].Target.Node {
			t.Errorf("trial %s: load pods %v are not across from the target on %s", trial.ID, trial.Pods,
				report.Arms[0].Target.Node)
		}
	}
	if a, b := report.Arms[0].Target.Node, report.Arms[1].Target.Node; a != b {
		t.Errorf("targets are on %s and %s, want one node", a, b)
	}
	c := comparison(t, report, meshed, v1alpha1.MetricThroughput)
	if c.Pairs != 4 || c.Ratio == nil || c.Ratio.Low == nil || *c.Ratio.Low > c.Ratio.Value ||
		c.Ratio.Value > *c.Ratio.High {
		t.Errorf("comparison of throughput is %+v, want 4 pairs and a ratio within its interval", c)
	}
	injected := false
	for _, container := range report.Arms[1].Target.Containers {
		injected = injected || container.Name == "haproxy" && container.Injected
	}
	if !injected {
		t.Errorf("the injected proxy is not in the report: %+v", report.Arms[1].Target.Containers)
	}
	text, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{baseline, meshed, "P99"} {
		if !strings.Contains(string(text), part) {
			t.Errorf("the table does not contain %q:\n%s", part, text)
		}
	}
	t.Logf("\n%s", text)
	s.wantNothingLeft(baseline, meshed)
	s.wantUntouched(bystander)
}

// A known delay of 5 ms on one arm is found, with its sign and its interval.
func TestAKnownDelayIsFound(t *testing.T) {
	s := newSuite(t)
	label, err := s.injector().Apply(t.Context(), harness.PatchDelay, "/patch/"+harness.PatchDelay, harness.TargetPods())
	if err != nil {
		t.Fatal(err)
	}
	baseline, meshed := s.pair(label)
	got := s.run("exp1", "--baseline", baseline, "--meshed", meshed, "--rounds", "5", "--rate", "100", "--connections",
		"2",
		"--duration", "3s", "--warmup", "500ms", "-o", "json").wantCode(t, 0)
	c := comparison(t, got.report(t), meshed, v1alpha1.MetricP50)
	if c.Conclusion != v1alpha1.ConclusionHigher || c.Difference == nil || c.Difference.Low == nil {
		t.Fatalf("the median is %s by %+v, want higher with an interval", c.Conclusion, c.Difference)
	}
	// Timers are late by tens of microseconds, which 5 % of this must forgive.
	const want, tolerance = 5e-3, 0.05
	if d := c.Difference.Value; d < want*(1-tolerance) || d > want*(1+tolerance) {
		t.Errorf("the median differs by %.4f ms, want 5 ms within 5 %%", d*1e3)
	}
	if *c.Difference.Low <= 0 {
		t.Errorf("the interval [%g, %g] does not exclude 0", *c.Difference.Low, *c.Difference.High)
	}
}

// Installed on PATH, it is a kubectl command, and finds annotated namespaces by itself.
func TestKubectlFindsThePluginAndThePluginItsNamespaces(t *testing.T) {
	s := newSuite(t)
	baseline, meshed := s.pair(nil)
	c := exec.Command(s.Kubectl,
		append(short("meshbench", "exp1", "--rounds", "1", "--image", s.WorkerImage), "--clients", "2", "--placement",
			"same-node")...)
	c.Env = append(os.Environ(), "KUBECONFIG="+s.Kubeconfig, "PATH="+filepath.Dir(s.Plugin)+":"+os.Getenv("PATH"))
	var log strings.Builder
	c.Stderr = &log
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	t.Logf("\n%s", out)
	for _, part := range []string{baseline, meshed, "inconclusive"} {
		if !strings.Contains(string(out), part) {
			t.Errorf("the table does not contain %q:\n%s", part, out)
		}
	}
	for _, part := range []string{"trial 2/2", "left", "cleaned up"} {
		if !strings.Contains(log.String(), part) {
			t.Errorf("progress does not contain %q:\n%s", part, log.String())
		}
	}
	s.wantNothingLeft(baseline, meshed)
}
