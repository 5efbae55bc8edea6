//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"os"
	"path"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/meshbench/kubectl-meshbench/manifests"
	"github.com/meshbench/kubectl-meshbench/test/harness"
)

// All tests have run, and the API server wrote down what the plugin asked for in
// them: nothing beyond the shipped Roles, no write where nobody consented.
func TestMain(m *testing.M) {
	code := m.Run()
	if log := os.Getenv("MESHBENCH_E2E_AUDIT_LOG"); log != "" {
		if err := audited(log); err != nil {
			fmt.Println("--- FAIL: the API server's audit log:", err)
			code = 1
		}
	}
	os.Exit(code)
}

func audited(log string) error {
	file, err := os.Open(log)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	a, err := harness.ReadAudit(file, "kubectl-meshbench/")
	if err != nil {
		return err
	}
	if len(a.Calls) == 0 {
		return errors.New("it holds no call of the plugin: nothing was looked at")
	}
	rights, err := shippedRights()
	if err != nil {
		return err
	}
	fmt.Printf("audit log: %d calls of the plugin, in %d namespaces that consented\n", len(a.Calls), len(a.Consented))
	var all []error
	for _, text := range a.Beyond(rights) {
		all = append(all, errors.New(text))
	}
	return errors.Join(all...)
}

// shippedRights are those of manifests/rbac, what `rbac --token-secret` adds, and
// what every user of a cluster may do.
func shippedRights() (harness.Rights, error) {
	everybody := rbacv1.PolicyRule{APIGroups: []string{"authorization.k8s.io"},
		Resources: []string{"selfsubjectaccessreviews", "selfsubjectrulesreviews"}, Verbs: []string{"create"}}
	token := rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"get"}}
	out := harness.Rights{InNamespaces: []rbacv1.PolicyRule{token}, Anywhere: []rbacv1.PolicyRule{everybody}}
	for _, name := range []string{"role", "check", "discovery", "init", "resources"} {
		text, err := manifests.Files.ReadFile(path.Join("rbac", name+".yaml"))
		if err != nil {
			return out, err
		}
		var role rbacv1.ClusterRole // a Role has the same rules
		if err := yaml.Unmarshal(text, &role); err != nil {
			return out, fmt.Errorf("%s: %w", name, err)
		}
		if role.Kind == "Role" {
			out.InNamespaces = append(out.InNamespaces, role.Rules...)
		} else {
			out.Anywhere = append(out.Anywhere, role.Rules...)
		}
	}
	return out, nil
}
