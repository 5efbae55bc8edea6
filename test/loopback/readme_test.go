package loopback_test

import (
	"os"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshbench/kubectl-meshbench/test/loopback"
)

// quickStart are the commands of the README's first block below that heading.
func quickStart(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(text), "\n## Quick start\n")
	if !found {
		t.Fatal("the README has no quick start")
	}
	var commands []string
	for line := range strings.Lines(after) {
		command, indented := strings.CutPrefix(line, "    ")
		if !indented && len(commands) > 0 {
			break
		}
		if indented {
			commands = append(commands, strings.TrimSpace(command))
		}
	}
	return commands
}

// The quick start of the README, word by word, in a home that has nothing but a
// kubeconfig: each command does what the next one needs, and the last one prints a
// table. Flags are added only to keep the run short.
func TestTheQuickStartWorksAsItIsWritten(t *testing.T) {
	t.Parallel()
	s := loopback.Sane()
	s.Namespaces = []corev1.Namespace{{ObjectMeta: metav1.ObjectMeta{Name: "plain"}},
		{ObjectMeta: metav1.ObjectMeta{Name: "with-mesh"}}}
	l := open(t, s)
	if o := l.call("check", "--resources", "none"); o.code == 0 {
		t.Error("a cluster without annotations is in order")
	}
	last := ""
	for _, command := range quickStart(t) {
		words := strings.Fields(command)
		switch strings.Join(words[:2], " ") {
		case "kubectl annotate":
			l.annotate(words[3], words[4])
		case "kubectl meshbench":
			args := words[2:]
			if last = args[0]; last != "check" {
				args = append(args, "--rounds", "4", "--duration", "1s", "--warmup", "0s", "--connections", "2",
					"--resources", "none")
			}
			o := l.call(args...)
			if o.code != 0 {
				t.Errorf("%s: exit %d\n%s\n%s", command, o.code, o.out, o.errOut)
			}
			if last != "check" && (!strings.Contains(o.out, "METRIC") || !strings.Contains(o.out, "CPU/1K")) {
				t.Errorf("%s printed\n%s", command, o.out)
			}
		default:
			t.Errorf("who runs %q?", command)
		}
	}
	if last == "" || last == "check" {
		t.Errorf("the quick start ends with %q", last)
	}
	l.nothingLeft()
}

// annotate is 'kubectl annotate namespace'.
func (l *lab) annotate(namespace, annotation string) {
	l.Helper()
	key, value, _ := strings.Cut(annotation, "=")
	for _, o := range l.server.Objects("namespaces") {
		if o.GetName() == namespace {
			o = o.DeepCopy()
			o.SetAnnotations(map[string]string{key: value})
			l.server.Put(o)
			return
		}
	}
	l.Errorf("the README annotates namespace %s, which it does not speak of before", namespace)
}
