package cli

import (
	"io"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/meshbench/kubectl-meshbench/manifests"
)

// printed are the objects that a command prints, as KIND NAMESPACE/NAME.
func printed(t *testing.T, text string) []string {
	t.Helper()
	var all []string
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096)
	for {
		var o unstructured.Unstructured
		if err := decoder.Decode(&o.Object); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, o.GetKind()+" "+o.GetNamespace()+"/"+o.GetName())
	}
}

func TestRolesComeWithTheirBindings(t *testing.T) {
	out, log, code := builtAs(t, "v1.2.3", "rbac", "--namespaces", "plain,with-mesh", "--for", "serviceaccount:ci/bench",
		"--with", "check,resources")
	want := []string{"Role plain/meshbench", "RoleBinding plain/meshbench", "Role with-mesh/meshbench",
		"RoleBinding with-mesh/meshbench", "ClusterRole /meshbench-check", "ClusterRoleBinding /meshbench-check",
		"ClusterRole /meshbench-resources", "ClusterRoleBinding /meshbench-resources"}
	if got := printed(t, out); code != 0 || !slices.Equal(got, want) {
		t.Errorf("exit code %d, %s, printed %v", code, log, got)
	}
	if strings.Contains(out, "creationTimestamp") || strings.Count(out, "name: bench\n") != 4 {
		t.Error(out)
	}
	out, _, _ = builtAs(t, "v1.2.3", "rbac", "--namespaces", "plain", "--for", "user:ann", "--token-secret", "mon/token")
	if got := printed(t, out); len(got) != 4 || got[3] != "RoleBinding mon/meshbench-token" ||
		!strings.Contains(out, "resourceNames:\n  - token\n") {
		t.Errorf("a token's secret: %v\n%s", got, out)
	}
	out, _, _ = builtAs(t, "v1.2.3", "rbac", "--namespaces", "plain", "--for", "user:ann", "--mesh-namespaces",
		"istio-system", "--prometheus-service", "mon/prometheus:9090")
	want = []string{"Role plain/meshbench", "RoleBinding plain/meshbench", "Role istio-system/meshbench-mesh",
		"RoleBinding istio-system/meshbench-mesh", "Role mon/meshbench-prometheus", "RoleBinding mon/meshbench-prometheus"}
	if got := printed(t, out); !slices.Equal(got, want) ||
		!strings.Contains(out, "resourceNames:\n  - prometheus:9090\n") {
		t.Errorf("one namespace each: %v\n%s", got, out)
	}
	if out, _, _ := builtAs(t, "v1.2.3", "rbac", "--namespaces", "plain"); len(printed(t, out)) != 1 {
		t.Errorf("without --for: %s", out)
	}
}

func TestWrongGrantsAreUsageErrors(t *testing.T) {
	for _, args := range []string{"", "--namespaces a --for ann", "--namespaces a --for user:",
		"--namespaces a --token-secret b", "--namespaces a --prometheus-service b", "--namespaces a --mesh-namespaces B",
		"--namespaces a --token-secret b/c:d",
		"--namespaces a --for serviceaccount:bench", "--namespaces a --with chekc"} {
		out, log, code := builtAs(t, "v1.2.3", append([]string{"rbac"}, strings.Fields(args)...)...)
		if code != exitUsage || out != "" {
			t.Errorf("%q: exit code %d, printed %s, said %s", args, code, out, log)
		}
	}
}

func TestEveryShippedRoleIsOnOffer(t *testing.T) {
	files, err := manifests.Files.ReadDir("rbac")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), ".yaml")
		if name == "kustomization" || name == "Chart" || name == "values" {
			continue
		}
		var role rbacv1.ClusterRole
		if err := shipped(name, &role); err != nil && name != "role" {
			t.Error(err)
		}
		if name != "role" && !slices.Contains(optionalRoles(), name) {
			t.Errorf("rbac --with cannot grant %s", name)
		}
	}
}
