//go:build e2e

package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/harness"
)

func TestInitMakesAPairThatCheckUnderstands(t *testing.T) {
	s := newSuite(t)
	// The name of a namespace that is free.
	prefix := "init" + strings.TrimPrefix(s.namespace(harness.Namespace{Prefix: "free"}), "free")
	printed := s.run("init", "--mesh", "istio-sidecar", "--prefix", prefix).wantCode(t, 0)
	c := exec.Command(s.Kubectl, "--kubeconfig", s.Kubeconfig, "apply", "--dry-run=server", "-f", "-")
	c.Stdin = strings.NewReader(printed.stdout)
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("the API server does not accept what init prints: %v\n%s", err, out)
	}
	s.run("init", "--mesh", "istio-sidecar", "--prefix", prefix, "--apply", "--dry-run=server").wantCode(t, 0)
	baseline, sidecar, ambient := prefix+"-baseline", prefix+"-istio-sidecar", prefix+"-istio-ambient"
	if _, err := s.Clientset.CoreV1().Namespaces().Get(t.Context(), baseline, metav1.GetOptions{}); err == nil {
		t.Error("a dry run made the namespace")
	}
	t.Cleanup(func() {
		for _, name := range []string{baseline, sidecar, ambient} {
			if err := s.Remove(context.Background(), name); err != nil {
				t.Error(err)
			}
		}
	})
	both := []string{"init", "--mesh", "istio-sidecar,istio-ambient", "--prefix", prefix, "--apply"}
	s.run(both...).wantCode(t, 0).wantError(t, "kubectl meshbench check --baseline "+baseline)
	s.run(both...).wantCode(t, 0) // again changes nothing
	s.run("init", "--mesh", "istio-sidecar", "--prefix", prefix, "--apply").wantCode(t, 2).wantError(t,
		"istio.io/dataplane-mode")
	// This cluster has no Istio: a sidecar that is asked for does not come, and
	// whether a node proxy does cannot be seen on pods.
	s.run("check", "--baseline", baseline, "--meshed", sidecar, "-o", "json").wantCode(t, 1).checks(t).
		want(t, "mesh", sidecar, "FAIL", "asks for Istio (sidecar)")
	s.run("check", "--baseline", baseline, "--meshed", ambient, "-o", "json").wantCode(t, 0).checks(t).
		want(t, "mesh", ambient, "PASS", "istio.io/dataplane-mode=ambient")
	foreign := s.namespace(harness.Namespace{Prefix: "theirs"})
	s.run("init", "--mesh", "kuma", "--names", foreign+","+prefix+"-kuma", "--apply").wantCode(t, 2).wantError(t,
		foreign+" exists and meshbench has not made it")
}

// Two contexts of one kubeconfig stand for two clusters.
func TestArmsInTwoContexts(t *testing.T) {
	s := newSuite(t)
	baseline, meshed := s.pair(nil)
	config, err := clientcmd.LoadFromFile(s.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	config.Contexts["second@test"] = config.Contexts[config.CurrentContext].DeepCopy()
	file := s.tempFile("kubeconfig")
	if err := clientcmd.WriteToFile(*config, file); err != nil {
		t.Fatal(err)
	}
	away := meshed + "@second@test"
	name := meshed + ".second-test"
	report := s.runAs(file,
		append(short("exp1", "--baseline", baseline, "--meshed", away, "--rounds", "1"), "-o", "json")...).wantCode(t,
		0).report(t)
	if len(report.Arms) != 2 || report.Arms[1].Context != "second@test" || report.Arms[1].Name != name {
		t.Fatalf("arms are %+v", report.Arms)
	}
	if len(report.OtherClusters) != 1 || report.OtherClusters[0].Context != "second@test" ||
		len(report.OtherClusters[0].Nodes) == 0 {
		t.Errorf("other clusters are %+v", report.OtherClusters)
	}
	if !hasFinding(report, "clusters-differ") {
		t.Errorf("findings are %+v", report.Findings)
	}
	for _, trial := range report.Trials {
		if trial.Status != v1alpha1.TrialCompleted || trial.Load.Requests == 0 {
			t.Errorf("trial %s: %s %s", trial.ID, trial.Status, trial.Reason)
		}
	}
	for _, arm := range report.Arms {
		for _, trial := range report.Trials {
			if trial.Arm == arm.Name && trial.Pods[0].Node == arm.Target.Node {
				t.Errorf("trial %s: the load pod is on the target's node", trial.ID)
			}
		}
	}
	s.wantNothingLeft(baseline, meshed)
	s.runAs(file, "check", "--baseline", baseline, "--meshed", away, "-o", "json").wantCode(t, 0).checks(t).
		want(t, "cluster", "", "PASS", "context second@test")
	s.runAs(file, "exp1", "--baseline", baseline, "--meshed", meshed+"@nowhere").wantCode(t, 2).wantError(t,
		"context nowhere")
}

// kubectl runs a program of its own naming to complete a plugin; a link to the
// plugin is one.
func TestKubectlCompletesThePlugin(t *testing.T) {
	s := newSuite(t)
	baseline := s.namespace(harness.Namespace{Prefix: "base", Role: v1alpha1.RoleBaseline})
	dir := t.TempDir()
	for _, name := range []string{"kubectl-meshbench", "kubectl_complete-meshbench"} {
		if err := os.Symlink(s.Plugin, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range []struct {
		typed []string
		want  string
	}{
		{[]string{"init", "--mesh", "istio-s"}, "istio-sidecar"},
		{[]string{"exp1", "--baseline", "base-"}, baseline},
		{[]string{"run", "exp"}, "exp4"},
	} {
		c := exec.Command(s.Kubectl, append([]string{"__complete", "meshbench"}, x.typed...)...)
		c.Env = append(os.Environ(), "KUBECONFIG="+s.Kubeconfig, "PATH="+dir+":"+os.Getenv("PATH"))
		out, err := c.Output()
		if err != nil || !strings.Contains(string(out), x.want+"\n") {
			t.Errorf("%v completes to %q (%v), want %q among it", x.typed, out, err, x.want)
		}
	}
}
