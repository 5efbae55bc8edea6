//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/harness"
)

// A tenant of the meshed namespace gives a pod the target's labels, and answers half
// of the run's requests: those over HTTP as if all was well, those over gRPC with a
// forged result. Another namespace floods the baseline's target. Nothing of that is
// believed, both are named, and the pod of the tenant is left to him.
func TestImpostorsForgersAndFloodsAreNamed(t *testing.T) {
	s := newSuite(t)
	baseline, meshed := s.pair(nil)
	elsewhere := s.namespace(harness.Namespace{Prefix: "elsewhere"})
	c := s.command("", append(short("run", "exp1", "exp4", "--baseline", baseline, "--meshed", meshed), "--rounds", "2",
		"--set", "schedule.repeats=0", "--image", s.WorkerImage, "-o", "json")...)
	var out, log bytes.Buffer
	c.Stdout, c.Stderr = &out, &log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() })
	target, flooded := s.targetOf(meshed), s.targetOf(baseline)
	impostor, err := s.RunImpostor(t.Context(), target)
	if err == nil {
		err = s.RunFlood(t.Context(), elsewhere, "http://"+flooded.Status.PodIP+":8080/")
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	_ = c.Wait() // the exit code tells
	got := result{stdout: out.String(), stderr: log.String(), code: c.ProcessState.ExitCode()}
	t.Log(got.stderr)
	got.wantCode(t, 4)
	if at := strings.IndexAny(got.stderr+got.stdout, "\x1b\x07\r"); at >= 0 {
		t.Error("the forger steers the terminal")
	}
	report := got.report(t)
	for code, arm := range map[string]string{"impostor": meshed, "strangers": baseline} {
		if !hasFindingOf(report, code, arm) {
			t.Errorf("no finding %s of arm %s: %+v", code, arm, report.Findings)
		}
	}
	for _, trial := range report.Trials {
		if trial.Load != nil && trial.Load.Requests > 1e8 {
			t.Errorf("trial %s: a forged result is believed", trial.ID)
		}
	}
	for _, comparison := range report.Comparisons {
		if comparison.Conclusion != v1alpha1.ConclusionVoid {
			t.Errorf("%s of %s is compared: %+v", comparison.Metric, comparison.Experiment, comparison)
		}
	}
	if _, err := s.Clientset.CoreV1().Pods(meshed).Get(t.Context(), impostor.Name, metav1.GetOptions{}); err != nil {
		t.Errorf("the tenant's pod was taken: %v", err)
	}
}

// targetOf is the target's pod of an arm, once it has an address.
func (s suite) targetOf(namespace string) *corev1.Pod {
	s.t.Helper()
	var found *corev1.Pod
	err := s.Await(s.t.Context(), "the target of "+namespace+" has an address", func(ctx context.Context) (bool, error) {
		pods, err := s.Clientset.CoreV1().Pods(namespace).List(ctx,
			metav1.ListOptions{LabelSelector: "app.kubernetes.io/component=target"})
		if err != nil || len(pods.Items) == 0 {
			return false, err
		}
		found = &pods.Items[0]
		return found.Status.PodIP != "", nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return found
}

func hasFindingOf(r v1alpha1.Report, code, arm string) bool {
	for _, f := range r.Findings {
		if f.Code == code && f.Arm == arm {
			return true
		}
	}
	return false
}
