//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/harness"
)

func TestWithoutConsentNothingIsTouched(t *testing.T) {
	s := newSuite(t)
	baseline := s.namespace(harness.Namespace{Prefix: "base", Role: v1alpha1.RoleBaseline})
	silent := s.namespace(harness.Namespace{Prefix: "silent"})
	s.run("exp1", "--baseline", baseline, "--meshed", silent).wantCode(t, 2).
		wantError(t, "kubectl annotate namespace "+silent+" meshbench.dev/role=meshed")
	s.wantUntouched(silent)
	s.wantUntouched(baseline)
}

func TestNoBaselineAndTwoBaselines(t *testing.T) {
	s := newSuite(t)
	s.run("exp1").wantCode(t, 2).wantError(t, "kubectl annotate namespace NAMESPACE meshbench.dev/role=baseline")
	first := s.namespace(harness.Namespace{Prefix: "base", Role: v1alpha1.RoleBaseline})
	s.run("exp1").wantCode(t, 2).wantError(t, "kubectl annotate namespace NAMESPACE meshbench.dev/role=meshed")
	second := s.namespace(harness.Namespace{Prefix: "base", Role: v1alpha1.RoleBaseline})
	s.run("exp1").wantCode(t, 2).wantError(t, "2 namespaces are the baseline", "meshbench.dev/role-")
	s.wantUntouched(first)
	s.wantUntouched(second)
}

func TestMissingPermissionIsNamed(t *testing.T) {
	s := newSuite(t)
	baseline, meshed := s.pair(nil)
	user := s.tempFile("kubeconfig")
	err := s.User(t.Context(), user, withoutLogs, baseline, meshed)
	if err != nil {
		t.Fatal(err)
	}
	s.runAs(user, "exp1", "--baseline", baseline, "--meshed", meshed).wantCode(t, 1).
		wantError(t, "get pods/log in namespace "+baseline, "get pods/log in namespace "+meshed, "kind: Role")
	s.wantUntouched(baseline)
	s.wantUntouched(meshed)
}

func TestQuotaRefusesAndEverythingIsTakenBack(t *testing.T) {
	s := newSuite(t)
	baseline, meshed := s.pair(nil)
	_, err := s.Clientset.CoreV1().ResourceQuotas(meshed).Create(t.Context(), &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "small"},
		Spec: corev1.ResourceQuotaSpec{
			Hard: corev1.ResourceList{corev1.ResourceRequestsCPU: resource.MustParse("10m")}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s.run("exp1", "--baseline", baseline, "--meshed", meshed).wantCode(t, 1).
		wantError(t, "arm "+meshed, "exceeded quota: small")
	s.wantNothingLeft(baseline, meshed)
}

func TestAdmissionRefusals(t *testing.T) {
	s := newSuite(t)
	i := s.injector()
	for _, c := range []struct{ name, path, says string }{
		{"refuse", "/refuse", "pods like this are not welcome here"},
		{"steer", "/steer", "by a webhook"},
		{harness.PatchHostNetwork, "/patch/" + harness.PatchHostNetwork, "violates PodSecurity"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSuite(t)
			label, err := i.Apply(t.Context(), c.name, c.path, harness.TargetPods())
			if err != nil {
				t.Fatal(err)
			}
			baseline, meshed := s.pair(label)
			got := s.run("exp1", "--baseline", baseline, "--meshed", meshed).wantCode(t, 1).wantError(t, "arm "+meshed, c.says)
			if at := strings.IndexAny(got.stderr, "\x1b\x07\r"); at >= 0 {
				t.Errorf("the webhook steers the terminal: %q", got.stderr[at:min(len(got.stderr), at+40)])
			}
			s.wantNothingLeft(baseline, meshed)
		})
	}
}

func TestAnImageThatIsNowhere(t *testing.T) {
	s := newSuite(t)
	baseline, meshed := s.pair(nil)
	s.run("exp1", "--baseline", baseline, "--meshed", meshed, "--image", "nowhere.invalid/worker:1", "--image-pull-policy",
		"Never").
		wantCode(t, 1).wantError(t, "ErrImageNeverPull", "nowhere.invalid/worker:1")
	s.wantNothingLeft(baseline, meshed)
}

func TestNoNodeTakesALoadPod(t *testing.T) {
	s := newSuite(t)
	baseline, meshed := s.pair(nil)
	file := s.tempFile("large.yaml")
	document := "apiVersion: meshbench.dev/v1alpha1\nkind: Experiment\nmetadata: {name: large}\n" +
		"spec:\n  load: {cpuRequest: 500, cpuLimit: 500}\n"
	if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run("run", "-f", file, "--baseline", baseline, "--meshed", meshed).wantCode(t, 1).
		wantError(t, "no node takes", "Insufficient cpu", "--placement same-node")
	s.wantNothingLeft(baseline, meshed)
}

// A baseline with somebody's proxy in its path is named as that; only a mesh's
// own containers void it.
func TestABaselineWithAProxyIsNamed(t *testing.T) {
	s := newSuite(t)
	label, err := s.injector().Apply(t.Context(), harness.PatchProxy, "/patch/"+harness.PatchProxy, harness.TargetPods())
	if err != nil {
		t.Fatal(err)
	}
	baseline := s.namespace(harness.Namespace{Prefix: "base", Role: v1alpha1.RoleBaseline, Labels: label})
	meshed := s.namespace(harness.Namespace{Prefix: "mesh", Role: v1alpha1.RoleMeshed})
	report := s.run(append(short("exp1", "--baseline", baseline, "--meshed", meshed, "--rounds", "1"), "-o",
		"json")...).wantCode(t, 0).report(t)
	if !hasFinding(report, "baseline-path-unknown") && !hasFinding(report, "containers-injected") {
		t.Errorf("findings are %+v", report.Findings)
	}
}

func TestDryRunCreatesNothingAndPrintsWhatTheServerAccepts(t *testing.T) {
	s := newSuite(t)
	baseline, meshed := s.pair(nil)
	got := s.run(append(short("exp1", "--baseline", baseline, "--meshed", meshed, "--rounds", "1"), "--dry-run=client",
		"-o", "yaml")...).wantCode(t, 0)
	if !strings.HasPrefix(got.stdout, "# run of 2 trials: about ") {
		t.Errorf("the plan does not begin with its length:\n%.200s", got.stdout)
	}
	s.wantNothingLeft(baseline, meshed)
	file := s.tempFile("plan.yaml")
	if err := os.WriteFile(file, []byte(got.stdout), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(s.Kubectl, "--kubeconfig", s.Kubeconfig, "apply", "--server-side", "--dry-run=server", "-f", file)
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("the API server does not accept the plan: %v\n%s", err, out)
	}
}

func TestBadDocumentsAndFlags(t *testing.T) {
	s := newSuite(t)
	file := s.tempFile("bad.yaml")
	document := "apiVersion: meshbench.dev/v1alpha1\nkind: Experiment\nmetadata: {name: mine}\n" +
		"spec:\n  factors: {conections: 3}\n"
	if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run("run", "-f", file).wantCode(t, 2).wantError(t, "conections")
	s.run("exp1", "--placement", "upstairs").wantCode(t, 2).wantError(t, "spec.factors.placement", "upstairs")
	s.run("exp1", "--conections", "3").wantCode(t, 2).wantError(t, "unknown flag")
	s.run("exp9").wantCode(t, 2).wantError(t, `unknown command "exp9"`)
}
