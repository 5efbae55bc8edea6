//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/test/harness"
)

// checkResult is what `check -o json` prints.
type checkResult struct {
	Kind   string
	Status string
	Checks []struct{ Status, Category, Arm, Description, Evidence, Fix string }
}

func (r result) checks(t *testing.T) checkResult {
	t.Helper()
	var c checkResult
	if err := json.Unmarshal([]byte(r.stdout), &c); err != nil || c.Kind != "CheckResult" {
		t.Fatalf("standard output is no result of checks: %v\n%.2000s", err, r.stdout)
	}
	return c
}

// want fails unless an arm's check of a category has that status and says all
// of the words, in its evidence or fix.
func (c checkResult) want(t *testing.T, category, arm, status string, words ...string) {
	t.Helper()
	for _, x := range c.Checks {
		if x.Category != category || x.Arm != arm || x.Status != status {
			continue
		}
		missing := ""
		for _, word := range words {
			if !strings.Contains(x.Evidence+x.Fix, word) {
				missing = word
			}
		}
		if missing == "" {
			return
		}
	}
	t.Errorf("no %s of category %s, arm %q, says %q: %+v", status, category, arm, words, c.Checks)
}

func TestCheckPassesOnAGoodPairAndTouchesNothing(t *testing.T) {
	s := newSuite(t)
	label, err := s.injector().Apply(t.Context(), harness.PatchSidecar, "/patch/"+harness.PatchSidecar, harness.OurPods())
	if err != nil {
		t.Fatal(err)
	}
	label["istio-injection"] = "enabled"
	baseline, meshed := s.pair(label)
	got := s.run("check", "--baseline", baseline, "--meshed", meshed, "-o", "json").wantCode(t, 0).checks(t)
	got.want(t, "mesh", baseline, "PASS", "without any container but ours")
	got.want(t, "mesh", meshed, "PASS", "Istio (sidecar)", "istio-proxy", "istio-injection=enabled")
	got.want(t, "admission", meshed, "PASS", "dry run")
	got.want(t, "nodes", "", "PASS", "placement cross-node", "fit on")
	s.wantUntouched(baseline)
	s.wantUntouched(meshed)
	// Who holds the shipped Role alone learns less, and is not stopped.
	user := s.tempFile("kubeconfig")
	if err := s.User(t.Context(), user, nil, baseline, meshed); err != nil {
		t.Fatal(err)
	}
	got = s.runAs(user, "check", "--baseline", baseline, "--meshed", meshed, "-o", "json").wantCode(t, 0).checks(t)
	got.want(t, "quota", meshed, "WARN", "resourcequotas", "manifests/rbac/check.yaml")
	got.want(t, "permissions", "", "WARN", "--baseline and --meshed")
	got.want(t, "permissions", meshed, "PASS", "shipped Role")
}

func TestCheckFindsWhatStopsARun(t *testing.T) {
	s := newSuite(t)
	i := s.injector()
	labelled := func(patch string) map[string]string {
		label, err := i.Apply(t.Context(), patch, "/patch/"+patch, harness.OurPods())
		if err != nil {
			t.Fatal(err)
		}
		return label
	}
	check := func(s suite, user, baseline, meshed string) checkResult {
		return s.runAs(user, "check", "--baseline", baseline, "--meshed", meshed, "-o", "json").wantCode(t, 1).checks(t)
	}
	t.Run("a missing permission", func(t *testing.T) {
		s := newSuite(t)
		baseline, meshed := s.pair(nil)
		user := s.tempFile("kubeconfig")
		err := s.User(t.Context(), user, withoutLogs, baseline, meshed)
		if err != nil {
			t.Fatal(err)
		}
		check(s, user, baseline, meshed).want(t, "permissions", meshed, "FAIL", "get pods/log in namespace "+meshed,
			"kind: Role")
	})
	t.Run("Pod Security against the mesh's init container", func(t *testing.T) {
		s := newSuite(t)
		baseline, meshed := s.pair(labelled(harness.PatchPrivileged))
		check(s, "", baseline, meshed).want(t, "admission", meshed, "FAIL", "violates PodSecurity", "container istio-init",
			"CNI plugin")
	})
	t.Run("a quota that one pod fits into, but not two", func(t *testing.T) {
		s := newSuite(t)
		baseline, meshed := s.pair(nil)
		_, err := s.Clientset.CoreV1().ResourceQuotas(meshed).Create(t.Context(), &corev1.ResourceQuota{
			ObjectMeta: metav1.ObjectMeta{Name: "small"},
			Spec: corev1.ResourceQuotaSpec{
				Hard: corev1.ResourceList{corev1.ResourceRequestsCPU: resource.MustParse("300m")}},
		}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		err = s.Await(t.Context(), "the quota is counted", func(ctx context.Context) (bool, error) {
			q, err := s.Clientset.CoreV1().ResourceQuotas(meshed).Get(ctx, "small", metav1.GetOptions{})
			return err == nil && len(q.Status.Hard) > 0, err
		})
		if err != nil {
			t.Fatal(err)
		}
		check(s, "", baseline, meshed).want(t, "quota", meshed, "FAIL", "requests.cpu of quota small", "300m of 300m left")
	})
	t.Run("a webhook that is not there", func(t *testing.T) {
		s := newSuite(t)
		baseline, meshed := s.pair(map[string]string{"istio-injection": "enabled"})
		check(s, "", baseline, meshed).want(t, "mesh", meshed, "FAIL", "asks for Istio (sidecar)", "istio-injection=enabled",
			"without a proxy")
	})
	t.Run("a baseline with a proxy", func(t *testing.T) {
		s := newSuite(t)
		baseline := s.namespace(harness.Namespace{Prefix: "base", Role: "baseline", Labels: labelled(harness.PatchSidecar)})
		meshed := s.namespace(harness.Namespace{Prefix: "mesh", Role: "meshed"})
		check(s, "", baseline, meshed).want(t, "mesh", baseline, "FAIL", "container istio-proxy", "istio-injection=disabled")
	})
	t.Run("no consent", func(t *testing.T) {
		s := newSuite(t)
		baseline := s.namespace(harness.Namespace{Prefix: "base", Role: "baseline"})
		silent := s.namespace(harness.Namespace{Prefix: "silent"})
		check(s, "", baseline, silent).want(t, "namespaces", "", "FAIL",
			"kubectl annotate namespace "+silent+" meshbench.dev/role=meshed")
	})
}

func TestCheckDeepTriesEveryArm(t *testing.T) {
	s := newSuite(t)
	baseline, meshed := s.pair(nil)
	of := func(more ...string) []string {
		return append([]string{"check", "--deep", "--baseline", baseline, "--meshed", meshed, "-o", "json"}, more...)
	}
	good := s.run(of()...).wantCode(t, 0).checks(t)
	good.want(t, "probe", "", "PASS", "left nothing behind")
	for _, arm := range []string{baseline, meshed} {
		good.want(t, "probe", arm, "PASS", "requests in 1 s", "worker dev")
		good.want(t, "probe", arm, "PASS", "ahead of this machine by")
	}
	for _, c := range good.Checks {
		if c.Category == "probe" {
			t.Logf("%s %s: %s", c.Status, c.Description, c.Evidence)
		}
	}
	s.wantNothingLeft(baseline, meshed)
	s.run(of("--image", "nowhere.invalid/worker:1", "--image-pull-policy", "Never")...).wantCode(t, 1).checks(t).
		want(t, "probe", "", "FAIL", "ErrImageNeverPull", "nowhere.invalid/worker:1")
	// A plugin of another release than the image's worker.
	s.Plugin = s.tempFile("kubectl-meshbench")
	if out, err := exec.Command("go", "build", "-trimpath", "-ldflags", "-X main.version=v9.9.9", "-o", s.Plugin,
		"../../cmd/kubectl-meshbench").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s.run(of()...).wantCode(t, 1).checks(t).want(t, "probe", "", "FAIL", `worker of release "dev"`, `release "v9.9.9"`)
	s.wantNothingLeft(baseline, meshed)
}
