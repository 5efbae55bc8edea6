//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"io/fs"
	"math"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/meshbench/kubectl-meshbench/manifests"
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/harness"
)

// grant binds the shipped ClusterRole to the service accounts of a namespace.
func (s suite) grant(namespace string) {
	s.t.Helper()
	data, err := fs.ReadFile(manifests.Files, "rbac/resources.yaml")
	if err != nil {
		s.t.Fatal(err)
	}
	var role rbacv1.ClusterRole
	if err := yaml.UnmarshalStrict(data, &role); err != nil {
		s.t.Fatal(err)
	}
	role.Name += "-" + namespace
	rbac := s.Clientset.RbacV1()
	s.t.Cleanup(func() {
		ctx := context.Background()
		_ = rbac.ClusterRoleBindings().Delete(ctx, role.Name, metav1.DeleteOptions{})
		_ = rbac.ClusterRoles().Delete(ctx, role.Name, metav1.DeleteOptions{})
	})
	if _, err := rbac.ClusterRoles().Create(s.t.Context(), &role, metav1.CreateOptions{}); err != nil {
		s.t.Fatal(err)
	}
	_, err = rbac.ClusterRoleBindings().Create(s.t.Context(), &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: role.Name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role.Name},
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind,
			Name: "system:serviceaccounts:" + namespace}},
	}, metav1.CreateOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
}

// cores is the mean use of a trial's container of one side, by one source.
func cores(t *testing.T, trial v1alpha1.Trial, side v1alpha1.Side, source v1alpha1.SourceName) float64 {
	t.Helper()
	for _, u := range trial.Resources.Containers {
		if u.Side == side && u.Source == source {
			if u.CPUSeconds == nil {
				t.Fatalf("trial %s: %s of %s is missing: %s", trial.ID, u.Container, u.Pod, u.Missing)
			}
			return *u.CPUSeconds / u.CoveredSeconds
		}
	}
	all, err := json.MarshalIndent(trial.Resources, "", " ")
	t.Fatalf("trial %s: no figure of a container on side %s by %s, as samples that cover half of the window give it: %s%v",
		trial.ID, side, source, all, err)
	return 0
}

// A known use, that which a worker counts of itself, is found from outside by
// cAdvisor and by a real Prometheus, by a user who holds the shipped roles. That
// Prometheus stores what kube-prometheus-stack does by default.
func TestResourcesFromOutsideAgreeWithTheWorker(t *testing.T) {
	s := newSuite(t)
	baseline, meshed := s.pair(nil)
	user := s.tempFile("kubeconfig")
	if err := s.User(t.Context(), user, nil, baseline, meshed); err != nil {
		t.Fatal(err)
	}
	s.grant(baseline)
	monitoring := s.namespace(harness.Namespace{Prefix: "monitoring"})
	s.grant(monitoring)
	if err := s.RunPrometheus(t.Context(), monitoring, "prometheus"); err != nil {
		t.Fatal(err)
	}
	got := s.runAs(user, "exp1", "--baseline", baseline, "--meshed", meshed, "--rounds", "1", "--duration", "30s",
		"--warmup", "2s", "--connections", "4",
		"--resources", "all", "--idle", "5s", "--prometheus-service", monitoring+"/prometheus:9090", "-o", "json")
	report := got.report(t)
	if report.Idle == nil || len(report.Idle.Resources.Nodes) == 0 {
		t.Errorf("idle window %+v", report.Idle)
	}
	const tolerance = 0.1
	for _, trial := range report.Trials {
		if trial.Resources == nil || trial.Clients[0].CPUSeconds == nil {
			t.Fatalf("trial %s: resources %+v, own use %+v", trial.ID, trial.Resources, trial.Clients)
		}
		want := *trial.Clients[0].CPUSeconds / trial.Window.Seconds
		for _, source := range []v1alpha1.SourceName{v1alpha1.SourceCAdvisor, v1alpha1.SourcePrometheus} {
			load, target := cores(t, trial, v1alpha1.SideClient, source), cores(t, trial, v1alpha1.SideServer, source)
			t.Logf("trial %s: %s: load %.4f cores (%+.2f %% of %.4f by the worker itself), target %.4f cores", trial.ID, source,
				load, 100*(load/want-1), want, target)
			if math.Abs(load/want-1) > tolerance {
				t.Errorf("trial %s: by %s the load pod used %.4f cores, by itself %.4f", trial.ID, source, load, want)
			}
			if target <= 0 {
				t.Errorf("trial %s: by %s the target used %g cores", trial.ID, source, target)
			}
		}
		// It drops the nodes' own rows, as kube-prometheus-stack does, and says so.
		for _, n := range trial.Resources.Nodes {
			if n.Source == v1alpha1.SourcePrometheus && (n.CPUSeconds != nil ||
				!strings.Contains(n.Missing, "cAdvisorMetricRelabelings")) {
				t.Errorf("trial %s: node %+v, want the setting that would give it", trial.ID, n)
			}
		}
		for _, r := range trial.Resources.Sources {
			if r.Name == v1alpha1.SourcePrometheus && len(r.Queries) == 0 {
				t.Errorf("trial %s does not say what Prometheus was asked", trial.ID)
			}
		}
	}
}

// Who holds only the shipped Role gets a report all the same, and it says what
// is not in it, and which role would change that.
func TestResourcesThatMayNotBeReadAreMissingWithTheReason(t *testing.T) {
	s := newSuite(t)
	baseline, meshed := s.pair(nil)
	user := s.tempFile("kubeconfig")
	if err := s.User(t.Context(), user, nil, baseline, meshed); err != nil {
		t.Fatal(err)
	}
	got := s.runAs(user, "exp1", "--baseline", baseline, "--meshed", meshed, "--rounds", "1", "--duration", "1s",
		"--warmup", "200ms", "--connections", "2", "-o", "json")
	report := got.report(t)
	if report.Idle != nil {
		t.Errorf("there is an idle window of nothing: %+v", report.Idle)
	}
	for _, trial := range report.Trials {
		if trial.Status != v1alpha1.TrialCompleted || trial.Resources == nil {
			t.Fatalf("trial %s: %s, resources %+v", trial.ID, trial.Status, trial.Resources)
		}
		said := ""
		for _, source := range trial.Resources.Sources {
			if source.Name == v1alpha1.SourceCAdvisor {
				said = source.Missing
			}
		}
		for _, part := range []string{"nodes/proxy", "is forbidden", "ClusterRole meshbench-resources"} {
			if !strings.Contains(said, part) {
				t.Errorf("trial %s: cAdvisor's entry does not say %q: %s", trial.ID, part, said)
			}
		}
		for _, u := range trial.Resources.Containers {
			if u.Source == v1alpha1.SourceCAdvisor && (u.CPUSeconds != nil || u.Missing == "") {
				t.Errorf("trial %s: %+v", trial.ID, u)
			}
		}
	}
}
