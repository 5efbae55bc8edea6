//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// A Service of somebody's, two stock nginx in each arm: nothing without its consent,
// measured within it, stopped by the load's own judgement when it begins to fail, and
// afterwards as it was.
func TestAServiceOfTheirOwn(t *testing.T) {
	s := newSuite(t)
	baseline, meshed := s.pair(nil)
	arms := []string{baseline, meshed}
	const token = "Bearer 8d1f-not-to-be-seen"
	for _, namespace := range arms {
		if err := s.RunWeb(t.Context(), namespace, "web", token); err != nil {
			t.Fatal(err)
		}
	}
	before := webs(t, s, arms)
	call := func(rate int, path string, more ...string) []string {
		return append([]string{"exp1", "--baseline", baseline, "--meshed", meshed, "--target-service", "web:http", "--path",
			path, "--set", fmt.Sprintf("factors.rate=[%d]", rate), "--connections", "4", "--rounds", "1", "--duration", "3s",
			"--warmup", "4s", "--seed", "3", "--inconclusive", "pass"}, more...)
	}
	s.run(call(40, "/health")...).wantCode(t, 2).wantError(t, "annotate service web", v1alpha1.AnnotationMaxRate)
	for _, namespace := range arms {
		if err := s.Annotate(t.Context(), namespace, "web", v1alpha1.AnnotationMaxRate, "200"); err != nil {
			t.Fatal(err)
		}
	}
	s.run(call(201, "/health")...).wantCode(t, 2).wantError(t, v1alpha1.AnnotationMaxRate, "201")
	s.run("exp1", "--baseline", baseline, "--meshed", meshed, "--target-service", "web:http").wantCode(t, 2).
		wantError(t, "--rate 100", "--allow-max")
	s.wantNothingLeft(arms...)

	secret := []string{"--set", "target.service.headers=[{name: Authorization, fromSecret: {name: token, key: value}}]",
		"--set", "target.service.expect.bodyContains=well"}
	planned := s.run(call(40, "/private", append(secret, "--dry-run=client", "-o", "yaml")...)...).wantCode(t, 0)
	if text := planned.stdout; strings.Contains(text, "not-to-be-seen") || !strings.Contains(text, "secretName: token") {
		t.Error("the plan shows the secret, or does not mount it")
	}
	table := s.tempFile("table.txt")
	measured := s.run(call(40, "/private", append(secret, "-o", "json", "-o", "table="+table)...)...).wantCode(t, 0)
	s.show(table)
	r := measured.report(t)
	if strings.Contains(measured.stdout+measured.stderr, "not-to-be-seen") {
		t.Error("the report shows the secret")
	}
	for _, trial := range r.Trials {
		if trial.Status != v1alpha1.TrialCompleted || trial.Load.Requests < 110 || trial.Load.Failed() > 0 {
			t.Errorf("trial %s is %s %s: %+v", trial.ID, trial.Status, trial.Reason, trial.Load)
		}
	}
	for _, arm := range r.Arms {
		switch {
		case arm.Target != nil || arm.Service == nil:
			t.Errorf("arm %s: target %v, Service %v", arm.Name, arm.Target, arm.Service)
		case arm.Service.Port != 80 || len(arm.Service.Pods) != 2 || len(arm.Service.Changes) > 0:
			t.Errorf("arm %s: Service %+v", arm.Name, arm.Service)
		case arm.DataPlane.Path != v1alpha1.PathUnknown:
			t.Errorf("arm %s: the path is said to be %s", arm.Name, arm.DataPlane.Path)
		}
	}

	// It answers 20 requests a second of each of two, and the third step of the ramp asks
	// for 50.
	stopped := s.run(call(100, "/limited", "-o", "json")...).wantCode(t, 3)
	r = stopped.report(t)
	last := r.Trials[len(r.Trials)-1]
	if len(r.Trials) != 1 || last.Stopped == nil || last.Stopped.Rule != v1alpha1.StopErrors ||
		last.Status != v1alpha1.TrialVoid || last.Stopped.AfterSeconds > 7 || !hasFinding(r, "safety-stop") {
		t.Errorf("%d trials, the last one %+v: %s", len(r.Trials), last.Stopped, stopped.stderr)
	}
	t.Logf("stopped: %s", last.Reason)
	s.wantNothingLeft(arms...)
	if after := webs(t, s, arms); !slices.Equal(before, after) {
		t.Errorf("the Services were\n%s\nand are\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
	}
}

// webs are the Services and their pods, without the annotation that the test changes.
func webs(t *testing.T, s suite, namespaces []string) []string {
	t.Helper()
	var all []string
	for _, namespace := range namespaces {
		service, err := s.Clientset.CoreV1().Services(namespace).Get(t.Context(), "web", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		spec, err := json.Marshal(service.Spec)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%s service %s %d %s", namespace, service.UID, service.Generation, spec))
		pods, err := s.Clientset.CoreV1().Pods(namespace).List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range pods.Items {
			all = append(all, fmt.Sprintf("%s pod %s %s %d %d", namespace, p.Name, p.UID, p.Generation, restarts(p)))
		}
	}
	return all
}

func restarts(p corev1.Pod) (n int32) {
	for _, c := range p.Status.ContainerStatuses {
		n += c.RestartCount
	}
	return n
}
