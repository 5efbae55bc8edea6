package cli

import (
	"bytes"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/kubernetes/fake"
	"sigs.k8s.io/yaml"

	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/cluster"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

// Every mesh has a pair of namespaces, which its own catalogue reads as meant.
func TestInitPrintsAPairForEveryMesh(t *testing.T) {
	catalogue, err := mesh.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range catalogue.IDs() {
		t.Run(id, func(t *testing.T) {
			out, log, code := invoke(t, "", "init", "--mesh", id)
			if code != exitOK {
				t.Fatalf("exit code %d: %s", code, log)
			}
			golden.Check(t, "init."+id+".yaml", []byte(out))
			m, err := catalogue.Get(id)
			if err != nil {
				t.Fatal(err)
			}
			wanted := []mesh.Intent{mesh.IntentNone, mesh.IntentNone}
			if len(m.Enrol.OptOutNamespace) > 0 {
				wanted[0] = mesh.IntentOptedOut
			}
			if len(m.Enrol.Namespace) > 0 && !m.Enrol.WithoutMarks {
				wanted[1] = mesh.IntentEnrolled
			}
			for i, document := range strings.Split(out, "---\n") {
				var ns corev1.Namespace
				if err := yaml.UnmarshalStrict([]byte(document), &ns); err != nil {
					t.Fatal(err)
				}
				if got, _ := m.Enrol.Of(mesh.Meta{Labels: ns.Labels, Annotations: ns.Annotations}, mesh.Meta{}); got != wanted[i] {
					t.Errorf("namespace %s is %s, want %s", ns.Name, got, wanted[i])
				}
			}
		})
	}
}

func TestInitTakesTheWayThatAMarkNames(t *testing.T) {
	out, _, code := invoke(t, "", "init", "--mesh", "istio-sidecar", "--mark", "istio.io/rev=1-30", "--names", "a,b")
	if code != exitOK || !strings.Contains(out, "istio.io/rev: 1-30") ||
		strings.Contains(out, "istio-injection: enabled") {
		t.Errorf("exit code %d, printed\n%s", code, out)
	}
}

// applied runs init --apply for Kuma where namespaces are there already.
func applied(t *testing.T, have ...*corev1.Namespace) (string, *fake.Clientset, int) {
	t.Helper()
	clientset := fake.NewClientset()
	for _, ns := range have {
		if err := clientset.Tracker().Add(ns); err != nil {
			t.Fatal(err)
		}
	}
	var out, log bytes.Buffer
	a := newApp("v1", genericiooptions.IOStreams{Out: &out, ErrOut: &log})
	a.connect = func() (*cluster.Client, error) { return cluster.NewFor(clientset, "test"), nil }
	root := newRoot(a)
	root.SetArgs([]string{"init", "--mesh", "kuma", "--apply"})
	err := root.ExecuteContext(t.Context())
	if err != nil {
		log.WriteString(err.Error())
	}
	return out.String() + log.String(), clientset, exitCode(err)
}

func TestInitNeverTouchesWhatItHasNotMade(t *testing.T) {
	named := func(labels map[string]string) *corev1.Namespace {
		return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "meshbench-baseline", Labels: labels}}
	}
	ours := map[string]string{"app.kubernetes.io/managed-by": "kubectl-meshbench"}
	said, clientset, code := applied(t)
	if code != exitOK || !strings.Contains(said, "namespace/meshbench-kuma applied") {
		t.Errorf("exit code %d, said %s", code, said)
	}
	ns, err := clientset.CoreV1().Namespaces().Get(t.Context(), "meshbench-kuma", metav1.GetOptions{})
	if err != nil || ns.Labels["kuma.io/sidecar-injection"] != "enabled" ||
		ns.Annotations["meshbench.dev/mesh"] != "kuma" {
		t.Errorf("namespace %+v, error %v", ns, err)
	}
	said, clientset, code = applied(t, named(nil))
	if code != exitUsage || !strings.Contains(said, "meshbench has not made it") {
		t.Errorf("exit code %d, said %s", code, said)
	}
	for _, action := range clientset.Actions() {
		if action.GetVerb() != "get" {
			t.Errorf("it did %s", action.GetVerb())
		}
	}
	more := map[string]string{"istio-injection": "disabled"}
	for k, v := range ours {
		more[k] = v
	}
	if said, _, code = applied(t, named(more)); code != exitUsage || !strings.Contains(said, "istio-injection") {
		t.Errorf("exit code %d, said %s", code, said)
	}
}
