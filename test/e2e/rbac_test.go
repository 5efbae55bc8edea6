//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// kubectl runs kubectl as the administrator, with what it is given to read.
func (s suite) kubectl(stdin string, args ...string) (string, error) {
	s.t.Helper()
	c := exec.CommandContext(s.t.Context(), s.Kubectl, args...)
	c.Env = append(os.Environ(), "KUBECONFIG="+s.Kubeconfig)
	c.Stdin = strings.NewReader(stdin)
	out, err := c.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// What 'rbac' prints is taken by the API server, grants what a run needs in the
// named namespaces, and nothing elsewhere.
func TestPrintedRolesGrantARunAndNoMore(t *testing.T) {
	s := newSuite(t)
	baseline, meshed := s.pair(nil)
	account := baseline + "/bench"
	named := []string{"rbac", "--namespaces", baseline + "," + meshed, "--for", "serviceaccount:" + account}
	all := s.run(append(named, "--with", "check,discovery,init,resources", "--mesh-namespaces", meshed,
		"--prometheus-service", meshed+"/prometheus:9090", "--token-secret", meshed+"/token")...).wantCode(t, 0)
	if out, err := s.kubectl(all.stdout, "apply", "--dry-run=server", "-f", "-"); err != nil {
		t.Errorf("the API server refuses what rbac prints: %s", out)
	}
	base := []string{"apply", "--dry-run=server", "--namespace", baseline, "-k", "../../manifests/rbac"}
	if out, err := s.kubectl("", base...); err != nil {
		t.Errorf("the API server refuses the kustomize base: %s", out)
	}
	own := s.run(append(named, "--token-secret", meshed+"/token")...).wantCode(t, 0)
	if out, err := s.kubectl(own.stdout, "apply", "-f", "-"); err != nil {
		t.Fatalf("apply: %s", out)
	}
	who := "--as=system:serviceaccount:" + strings.ReplaceAll(account, "/", ":")
	for question, want := range map[string]string{
		"create pods --namespace " + baseline:           "yes",
		"get pods/log --namespace " + meshed:            "yes",
		"get namespace/" + meshed + " -n " + meshed:     "yes",
		"get secrets/token --namespace " + meshed:       "yes",
		"get secrets/another --namespace " + meshed:     "no",
		"get secrets --namespace " + baseline:           "no",
		"create pods --namespace default":               "no",
		"delete namespaces":                             "no",
		"create rolebindings --namespace " + baseline:   "no",
		"create pods --subresource=exec -n " + baseline: "no",
	} {
		got, _ := s.kubectl("", append([]string{"auth", "can-i", who}, strings.Fields(question)...)...)
		if lines := strings.Split(got, "\n"); lines[len(lines)-1] != want {
			t.Errorf("can-i %s: %q, want %s", question, got, want)
		}
	}
}
