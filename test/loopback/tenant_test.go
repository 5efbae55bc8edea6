package loopback_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/loopback"
)

// elsewhere is a namespace whose owner consented to nothing.
func elsewhere() *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Namespace"}}
	o.SetName("elsewhere")
	return o
}

// What another tenant labels as if it were a run's is named, and left alone by
// runs and by cleanup.
func TestObjectsThatOthersLabelledStay(t *testing.T) {
	t.Parallel()
	l := open(t, loopback.Sane())
	for kind, name := range map[string]string{"Service": "checkout", "ConfigMap": "meshbench-r9-owner"} {
		o := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": kind}}
		o.SetNamespace("plain")
		o.SetName(name)
		o.SetLabels(map[string]string{v1alpha1.LabelRunID: "r9", "app.kubernetes.io/component": "owner"})
		l.server.Put(o)
	}
	for _, args := range [][]string{small(), {"cleanup"}, {"cleanup", "--run", "r9"}} {
		o := l.call(args...)
		if o.code != 0 {
			t.Errorf("%v: exit %d\n%s", args, o.code, o.errOut)
		}
		if args[0] == "cleanup" && strings.Count(o.errOut, "labelled, but not ours") != 2 {
			t.Errorf("%v does not name both:\n%s", args, o.errOut)
		}
	}
	for resource, name := range map[string]string{"services": "checkout", "configmaps": "meshbench-r9-owner"} {
		if !slices.ContainsFunc(l.server.Objects(resource),
			func(o *unstructured.Unstructured) bool { return o.GetName() == name }) {
			t.Errorf("%s %s is gone", resource, name)
		}
	}
}

// A run that goes on passes the same door as a new one: the annotations decide,
// not the journal, and no image that nobody asked for is started.
func TestAResumedRunAsksForConsentAgain(t *testing.T) {
	t.Parallel()
	l := open(t, loopback.Sane())
	l.server.Put(elsewhere())
	var said bytes.Buffer
	c := l.command(small()...)
	c.Stderr = &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = c.Wait(); close(ended) }()
	reach(t, ended, func() bool { return l.server.LoadPods() >= 2 })
	_ = c.Process.Kill()
	<-ended
	id := runID.FindString(l.call("runs").out)
	if id == "" {
		t.Fatalf("no run was kept; it said:\n%s", said.String())
	}
	resume := func(more ...string) outcome {
		return l.call(append([]string{"run", "--resume", id, "--resources", "none", "--inconclusive", "pass"}, more...)...)
	}
	begun := l.server.LoadPods()
	refused := func(what, says string, o outcome) {
		t.Helper()
		if o.code != 2 || !strings.Contains(o.errOut, says) {
			t.Errorf("%s: exit %d, want 2 and %q\n%s", what, o.code, says, o.errOut)
		}
		if n := l.server.LoadPods(); n != begun {
			t.Errorf("%s: %d load pods were started", what, n-begun)
		}
	}
	header := filepath.Join(l.home, "state", "kubectl-meshbench", "runs", id, "run.json")
	whole, err := os.ReadFile(header)
	if err != nil {
		t.Fatal(err)
	}
	edit := func(from, to string) {
		t.Helper()
		edited := strings.ReplaceAll(string(whole), from, to)
		if edited == string(whole) {
			t.Fatalf("the journal does not hold %q", from)
		}
		if err := os.WriteFile(header, []byte(edited), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	edit(`"Image": "ghcr.io/meshbench/`, `"Image": "evil.example/`)
	refused("a foreign image", "--image evil.example/", resume())
	edit(`"Image":`, `"PullSecrets": ["registry"], "Image":`)
	refused("somebody's pull secret", "--image-pull-secret registry", resume())
	edit(`"namespace": "with-mesh"`, `"namespace": "elsewhere"`)
	refused("a namespace without consent", "elsewhere", resume())
	edit(`"name": "with-mesh"`, `"name": "other"`)
	refused("another name", "arm other was", resume())
	if err := os.WriteFile(header, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	consent := func(role string) {
		o := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Namespace"}}
		o.SetName("with-mesh")
		if role != "" {
			o.SetAnnotations(map[string]string{v1alpha1.AnnotationRole: role})
		}
		l.server.Put(o)
	}
	consent("")
	refused("a withdrawn annotation", "annotate namespace with-mesh", resume())
	consent("meshed")
	if o := resume(); o.code != 0 || l.server.LoadPods() == begun {
		t.Errorf("as it was: exit %d\n%s", o.code, o.errOut)
	}
	l.nothingLeft()
}
