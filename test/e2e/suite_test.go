//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/harness"
)

// suite is a test's access to the cluster and the plugin.
type suite struct {
	*harness.Harness
	t *testing.T
}

func newSuite(t *testing.T) suite {
	t.Helper()
	h, err := harness.FromEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	return suite{Harness: h, t: t}
}

// namespace makes a namespace that goes away with the test.
func (s suite) namespace(n harness.Namespace) string {
	s.t.Helper()
	if n.Prefix == "" {
		n.Prefix = "e2e"
	}
	name, err := s.Create(s.t.Context(), n)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := s.Remove(context.Background(), name); err != nil {
			s.t.Errorf("remove namespace: %v", err)
		}
	})
	return name
}

// pair makes a baseline and a meshed namespace.
func (s suite) pair(meshedLabels map[string]string) (baseline, meshed string) {
	s.t.Helper()
	return s.namespace(harness.Namespace{Prefix: "base", Role: v1alpha1.RoleBaseline}),
		s.namespace(harness.Namespace{Prefix: "mesh", Role: v1alpha1.RoleMeshed, Labels: meshedLabels})
}

// injector runs the webhook with all patches until the test ends.
func (s suite) injector() *harness.Injector {
	s.t.Helper()
	patches, err := s.Patches()
	if err != nil {
		s.t.Fatal(err)
	}
	i, err := s.StartInjector(s.t.Context(), patches)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := i.Stop(context.Background()); err != nil {
			s.t.Error(err)
		}
	})
	return i
}

// result is how a plugin process ended.
type result struct {
	stdout, stderr string
	code           int
}

// short keeps runs of tests brief; what they measure decides no test.
func short(args ...string) []string {
	return append(args, "--duration", "1s", "--warmup", "200ms", "--connections", "4", "--resources", "none")
}

// command is a plugin process that has not begun.
func (s suite) command(kubeconfig string, args ...string) *exec.Cmd {
	if kubeconfig == "" {
		kubeconfig = s.Kubeconfig
	}
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Minute)
	s.t.Cleanup(stop)
	c := exec.CommandContext(ctx, s.Plugin, args...)
	c.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	return c
}

// withoutLogs takes the right to read logs out of the shipped Role.
func withoutLogs(r *rbacv1.Role) {
	for i := range r.Rules {
		if r.Rules[i].Resources[0] == "pods/log" {
			r.Rules[i].Resources[0] = "pods/status"
		}
	}
}

// runAs runs the plugin to its end with that kubeconfig, or the administrator's.
func (s suite) runAs(kubeconfig string, args ...string) result {
	s.t.Helper()
	if len(args) > 0 &&
		(strings.HasPrefix(args[0], "exp") || slices.Contains([]string{"run", "capacity", "max-rate", "check"}, args[0])) &&
		!strings.Contains(strings.Join(args, " "), "--image") {
		args = append(args, "--image", s.WorkerImage)
	}
	c := s.command(kubeconfig, args...)
	var out, log bytes.Buffer
	c.Stdout, c.Stderr = &out, &log
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatalf("start the plugin: %v", err)
	}
	r := result{stdout: out.String(), stderr: log.String(), code: c.ProcessState.ExitCode()}
	s.t.Logf("kubectl meshbench %s: exit code %d\n%s", strings.Join(args, " "), r.code, r.stderr)
	return r
}

func (s suite) run(args ...string) result {
	s.t.Helper()
	return s.runAs("", args...)
}

func (r result) wantCode(t *testing.T, code int) result {
	t.Helper()
	if r.code != code {
		t.Fatalf("exit code %d, want %d; standard error:\n%s", r.code, code, r.stderr)
	}
	return r
}

func (r result) wantError(t *testing.T, parts ...string) result {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(r.stderr, part) {
			t.Errorf("standard error does not contain %q:\n%s", part, r.stderr)
		}
	}
	return r
}

// report is the JSON report on standard output, and nothing else may be there.
func (r result) report(t *testing.T) v1alpha1.Report {
	t.Helper()
	var report v1alpha1.Report
	decoder := json.NewDecoder(strings.NewReader(r.stdout))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&report); err != nil {
		t.Fatalf("standard output is no report: %v\n%.2000s", err, r.stdout)
	}
	if decoder.More() {
		t.Fatal("standard output holds more than the report")
	}
	return report
}

// wantNothingLeft fails if anything of any run is in these namespaces.
func (s suite) wantNothingLeft(namespaces ...string) {
	s.t.Helper()
	ctx, core := s.t.Context(), s.Clientset.CoreV1()
	ours := metav1.ListOptions{LabelSelector: v1alpha1.LabelRunID}
	for _, namespace := range namespaces {
		pods, err := core.Pods(namespace).List(ctx, ours)
		if err != nil {
			s.t.Fatal(err)
		}
		services, err := core.Services(namespace).List(ctx, ours)
		if err != nil {
			s.t.Fatal(err)
		}
		owners, err := core.ConfigMaps(namespace).List(ctx, ours)
		if err != nil {
			s.t.Fatal(err)
		}
		if n := len(pods.Items) + len(services.Items) + len(owners.Items); n > 0 {
			s.t.Errorf("namespace %s: %d pods, %d services, %d configmaps were left behind", namespace, len(pods.Items),
				len(services.Items), len(owners.Items))
		}
	}
}

// wantUntouched fails if a namespace holds any pod or Service at all.
func (s suite) wantUntouched(namespace string) {
	s.t.Helper()
	pods, err := s.Clientset.CoreV1().Pods(namespace).List(s.t.Context(), metav1.ListOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	services, err := s.Clientset.CoreV1().Services(namespace).List(s.t.Context(), metav1.ListOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	if len(pods.Items)+len(services.Items) > 0 {
		s.t.Errorf("namespace %s was touched", namespace)
	}
}

func (s suite) tempFile(name string) string { return filepath.Join(s.t.TempDir(), name) }

// find returns the one comparison or fails.
func comparison(t *testing.T, r v1alpha1.Report, arm string, m v1alpha1.Metric) v1alpha1.Comparison {
	t.Helper()
	for _, c := range r.Comparisons {
		if c.Arm == arm && c.Metric == m {
			return c
		}
	}
	t.Fatalf("no comparison of %s for arm %s", m, arm)
	return v1alpha1.Comparison{}
}

func hasFinding(r v1alpha1.Report, code string) bool {
	for _, f := range r.Findings {
		if f.Code == code {
			return true
		}
	}
	return false
}

// show logs a file that a run has written.
func (s suite) show(file string) {
	s.t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		s.t.Error(err)
	}
	s.t.Logf("\n%s", text)
}
