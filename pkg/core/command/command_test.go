package command

import (
	"os/exec"
	"strings"
	"testing"
)

func TestCommandsNameTheClusterOfTheirOwn(t *testing.T) {
	l := New(Flag{"context", "prod eu"}, Flag{"kubeconfig", "/home/me/it's.yaml"}, Flag{"as", "admin@corp"},
		Flag{"token", "secret"}, Flag{"insecure-skip-tls-verify", "true"})
	for got, want := range map[string]string{
		l.Kubectl("", "annotate", "namespace", "shop", "a=b"): `kubectl --context 'prod eu' --kubeconfig ` +
			`'/home/me/it'\''s.yaml' --as admin@corp --insecure-skip-tls-verify=true annotate namespace shop a=b`,
		l.Plugin("", "cleanup", "--run", "r1"): `kubectl meshbench cleanup --run r1 --context 'prod eu' --kubeconfig ` +
			`'/home/me/it'\''s.yaml' --as admin@corp --insecure-skip-tls-verify=true`,
		l.Plugin("a,b:c/d@e", "cleanup"): `kubectl meshbench cleanup --context a,b:c/d@e --kubeconfig ` +
			`'/home/me/it'\''s.yaml'`,
		Lines{}.Kubectl("", "version"): "kubectl version",
	} {
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// A shell reads back what was quoted.
func FuzzQuoted(f *testing.F) {
	for _, text := range []string{"", "a b", "it's", "$HOME", "a\nb", "*", "~", "-x", "`id`", "ü"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsRune(text, 0) {
			return
		}
		out, err := exec.Command("sh", "-c", "printf %s "+Quoted(text)).Output()
		if err != nil || string(out) != text {
			t.Errorf("%q is read back as %q (%v)", text, out, err)
		}
	})
}
