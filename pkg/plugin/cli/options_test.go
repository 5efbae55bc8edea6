package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestGlobalFlagsAreInOnePlace(t *testing.T) {
	help, _, _ := builtAs(t, "v1.2.3", "report", "--help")
	if strings.Contains(help, "--certificate-authority") || !strings.Contains(help, "meshbench options") {
		t.Errorf("the help of a command: %s", help)
	}
	out, _, code := builtAs(t, "v1.2.3", "options")
	if code != 0 || !strings.Contains(out, "--certificate-authority") || !strings.Contains(out, "-v, --v int") ||
		!strings.Contains(out, "--debug") {
		t.Errorf("exit code %d, printed %s", code, out)
	}
}

func TestWrongNamesAreUsageErrors(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	for _, args := range []string{"report gone.json", "compare gone.json gone.json", "rport", "explain nothing"} {
		if _, log, code := builtAs(t, "v1.2.3", strings.Fields(args)...); code != exitUsage {
			t.Errorf("%s: exit code %d, said %s", args, code, log)
		}
	}
	if _, log, _ := builtAs(t, "v1.2.3", "chekc"); !strings.Contains(log, `did you mean "check"?`) {
		t.Error(log)
	}
}

func TestNoKubeconfigIsSaid(t *testing.T) {
	home := t.TempDir()
	for _, name := range []string{"KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_MASTER"} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", home)
	none, empty := filepath.Join(home, "none"), filepath.Join(home, "empty")
	if err := os.WriteFile(empty, []byte("apiVersion: v1\nkind: Config\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for paths, want := range map[string][]string{
		none:  {fmt.Sprintf("%q is not there", none)},
		empty: {fmt.Sprintf("%q names no cluster", empty)},
		none + string(filepath.ListSeparator) + empty: {fmt.Sprintf("%q is not there", none),
			fmt.Sprintf("%q names no cluster", empty)},
	} {
		t.Setenv("KUBECONFIG", paths)
		_, log, code := builtAs(t, "v1.2.3", "check")
		said := strings.Join(strings.Fields(log), " ")
		for _, part := range append(want, "no kubeconfig", "--kubeconfig") {
			if code != exitUsage || !strings.Contains(said, part) {
				t.Errorf("KUBECONFIG=%q: exit code %d, does not say %q: %s", paths, code, part, log)
			}
		}
	}
}

func TestAKubeconfigWithOIDCIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config")
	text := `apiVersion: v1
kind: Config
current-context: a
contexts: [{name: a, context: {cluster: a, user: a}}]
clusters: [{name: a, cluster: {server: "https://127.0.0.1:1"}}]
users:
- name: a
  user:
    auth-provider:
      name: oidc
      config: {client-id: x, id-token: x.y.z, idp-issuer-url: "https://127.0.0.1:1"}
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, log, _ := builtAs(t, "v1.2.3", "check", "--kubeconfig", path, "--request-timeout", "1s")
	if strings.Contains(log, "no Auth Provider found") {
		t.Error(log)
	}
}
