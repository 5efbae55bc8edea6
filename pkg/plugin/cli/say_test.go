package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/cluster"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/journal"
)

// empty runs a command line against a cluster in which nothing is annotated.
func empty(t *testing.T, args ...string) (said string, code int) {
	t.Helper()
	var out, log bytes.Buffer
	a := newApp("v1.2.3", genericiooptions.IOStreams{Out: &out, ErrOut: &log})
	a.connect = func() (*cluster.Client, error) { return cluster.NewFor(fake.NewClientset(), "prod eu"), nil }
	a.args = args
	command := newRoot(a)
	command.SetArgs(args)
	err := command.ExecuteContext(t.Context())
	if err != nil {
		log.WriteString(err.Error())
	}
	return log.String(), exitCode(err)
}

// Pasted, it must not give consent in another cluster.
func TestPrintedCommandsNameTheCluster(t *testing.T) {
	a := newApp("v1", genericiooptions.IOStreams{})
	if err := newRoot(a).PersistentFlags().Parse([]string{"--context", "prod eu", "--as", "admin"}); err != nil {
		t.Fatal(err)
	}
	got := a.cleanupLines("r1", []string{"other"})
	want := "\n  kubectl meshbench cleanup --run r1 --as admin --context 'prod eu'" +
		"\n  kubectl meshbench cleanup --run r1 --context other"
	if got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
}

func TestCleaningUpElsewhereIsNoSuccess(t *testing.T) {
	state := t.TempDir()
	t.Setenv("XDG_STATE_HOME", state)
	if said, code := empty(t, "cleanup", "--run", "r9", "--namespaces", "a"); code != exitOK ||
		!strings.Contains(said, "in namespaces a of context prod eu") {
		t.Errorf("exit code %d, said %q", code, said)
	}
	store := journal.Store{Dir: state + "/kubectl-meshbench/runs"}
	j, err := store.Create(journal.Header{Context: "staging", Begun: time.Unix(1, 0), Plan: plan.Input{RunID: "r1",
		Arms: []v1alpha1.Arm{{Name: "plain", Namespace: "plain", Role: v1alpha1.RoleBaseline}}}})
	if err != nil {
		t.Fatal(err)
	}
	_ = j.Close()
	said, code := empty(t, "cleanup", "--run", "r1", "--namespaces", "plain")
	if code != exitOperational || !strings.Contains(said, "--run r1 --namespaces plain --context staging") {
		t.Errorf("exit code %d, said %q", code, said)
	}
}

func TestNamespacesByHabit(t *testing.T) {
	said, code := empty(t, "exp1", "-n", "shop")
	if code != exitUsage || !strings.Contains(said, "--baseline and --meshed") {
		t.Errorf("exit code %d, said %q", code, said)
	}
}

func TestServersCannotSteerTheTerminal(t *testing.T) {
	var log bytes.Buffer
	a := newApp("v1", genericiooptions.IOStreams{ErrOut: &log})
	a.warn(usagef("a\x1b[2Jb\nc"))
	if log.String() != "warning: a?[2Jb\nc\n" {
		t.Errorf("it says %q", log.String())
	}
}
