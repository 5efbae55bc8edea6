package loopback_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/meshbench/kubectl-meshbench/test/loopback"
)

// odd is a name that a kubeconfig's context may have.
const odd = `arn:aws:eks:eu-1:12/prod, "b"@corp's`

// TestNamesOfContextsHoldAnything runs over two clusters, one of which has such a
// context. What is printed for its clean-up is pasted into a shell, and works.
func TestNamesOfContextsHoldAnything(t *testing.T) {
	t.Parallel()
	l := open(t, loopback.Sane())
	second, err := loopback.Start(loopback.Sane(), programs.worker)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(second.Close)
	other := filepath.Join(l.home, "other")
	if err := second.Kubeconfig(other, odd); err != nil {
		t.Fatal(err)
	}
	joinKubeconfigs(t, l.kubeconfig, other)
	o := l.call(small("--keep", "--baseline", "plain", "--meshed", "with-mesh@"+odd)...)
	if o.code != 0 {
		t.Fatalf("exit %d\n%s", o.code, o.errOut)
	}
	r := o.report(t)
	if n := completed(t, r); n != 4 {
		t.Errorf("%d trials with a result, want 4", n)
	}
	if len(second.Objects("pods")) == 0 || len(l.server.Objects("pods")) == 0 {
		t.Error("nothing was kept in one of the clusters")
	}
	commands := regexp.MustCompile(`(?m)kubectl meshbench cleanup .*$`).FindAllString(o.errOut, -1)
	if len(commands) != 2 {
		t.Fatalf("printed %q, want a clean-up for each cluster\n%s", commands, o.errOut)
	}
	for _, command := range commands {
		shell := exec.CommandContext(t.Context(), "sh", "-c", `kubectl() { shift; "$PLUGIN" "$@"; }`+"\n"+command)
		shell.Env = append(l.command().Env, "PLUGIN="+programs.plugin)
		if out, err := shell.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", command, err, out)
		}
	}
	l.nothingLeft()
	(&lab{T: t, server: second}).nothingLeft()
}

// joinKubeconfigs adds what another kubeconfig holds, under names of its own.
func joinKubeconfigs(t *testing.T, into, other string) {
	t.Helper()
	read := func(path, of string) map[string]any {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"cluster: c", "user: u", "name: c", "name: u"} {
			text = []byte(strings.ReplaceAll(string(text), name+"\n", name+of+"\n"))
		}
		config := map[string]any{}
		if err := yaml.Unmarshal(text, &config); err != nil {
			t.Fatal(err)
		}
		return config
	}
	all, more := read(into, ""), read(other, "2")
	for _, list := range []string{"contexts", "clusters", "users"} {
		all[list] = append(all[list].([]any), more[list].([]any)...)
	}
	text, err := yaml.Marshal(all)
	if err == nil {
		err = os.WriteFile(into, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestAReplacedTargetIsSaidAfterAResumption takes a target away, and then the
// plugin: the report of the run that goes on says that trials met two targets.
func TestAReplacedTargetIsSaidAfterAResumption(t *testing.T) {
	t.Parallel()
	l := open(t, loopback.Sane())
	c := l.command(small()...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = c.Wait(); close(ended) }()
	reach(t, ended, func() bool { return l.server.LoadPods() >= 1 })
	for _, pod := range l.server.Objects("pods") {
		if strings.HasSuffix(pod.GetName(), "-target") {
			l.server.Delete("pods", pod.GetNamespace(), pod.GetName())
		}
	}
	reach(t, ended, func() bool { return l.server.LoadPods() >= 3 })
	_ = c.Process.Kill()
	<-ended
	id := runID.FindString(l.call("runs").out)
	o := l.call("run", "--resume", id, "--resources", "none", "--inconclusive", "pass", "-o", "json")
	if o.code != 0 {
		t.Fatalf("exit %d\n%s", o.code, o.errOut)
	}
	replaced := 0
	for _, arm := range o.report(t).Arms {
		replaced += len(arm.Replaced)
	}
	if replaced != 2 {
		t.Errorf("%d targets were replaced, want that of each arm\n%s", replaced, o.errOut)
	}
	l.nothingLeft()
}
