package arms

import (
	"context"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/command"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
)

func (n namespaces) Installed(context.Context, mesh.Catalogue) mesh.Installed {
	return mesh.Installed{Missing: []string{"Deployments: may not"}}
}

func TestMeshesAreRecognisedBeforeThereArePods(t *testing.T) {
	catalogue, err := mesh.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	labelled := func(name, key, value string) kube.Namespace {
		n := ns(name, "meshed")
		n.Labels = map[string]string{key: value}
		return n
	}
	have := namespaces{
		ns("plain", "baseline"), labelled("a", "istio-injection", "enabled"),
		ns("b", "meshed", v1alpha1.AnnotationMesh, "traefik-mesh"), ns("c", "meshed"),
	}
	arms, err := Find(t.Context(), have.only, Choice{}, command.Lines{})
	if err != nil {
		t.Fatal(err)
	}
	arms, observed, err := Recognise(t.Context(), func(string) (Meshes, error) { return have, nil }, catalogue, nil, arms)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		mesh       string
		confidence v1alpha1.Confidence
	}{{"", v1alpha1.ConfidenceUnknown}, {"istio-sidecar", v1alpha1.ConfidenceLikely},
		{"traefik-mesh", v1alpha1.ConfidenceCertain}, {"", v1alpha1.ConfidenceUnknown}} {
		if got := arms[i]; got.Mesh != want.mesh || got.DataPlane.Confidence != want.confidence ||
			len(got.DataPlane.Unread) != 1 {
			t.Errorf("arm %s: mesh %q, %+v; want %q, %s", got.Name, got.Mesh, got.DataPlane, want.mesh, want.confidence)
		}
	}
	if observed["b"].Told != "traefik-mesh" {
		t.Errorf("observed %+v", observed["b"])
	}
	addressing := Addressing(catalogue, arms)
	if len(addressing) != 2 || addressing["b"].Host == "" {
		t.Errorf("addressing %+v, want that of a and b", addressing)
	}
}

// Pods opt into some meshes by marks of their own, which experiments give to those
// of one arm (spec.pods.arms): the namespace shows nothing then.
func TestAMeshThatPodsOptIntoIsRecognised(t *testing.T) {
	catalogue, err := mesh.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	have := namespaces{ns("plain", "baseline"), ns("a", "meshed"), ns("b", "meshed")}
	arms, err := Find(t.Context(), have.only, Choice{}, command.Lines{})
	if err != nil {
		t.Fatal(err)
	}
	pods := &v1alpha1.Pods{Arms: map[string]v1alpha1.PodMarks{
		"a": {Labels: map[string]string{"sidecar.istio.io/inject": "true"}},
		"b": {Labels: map[string]string{"istio.io/dataplane-mode": "ambient"}},
	}}
	arms, _, err = Recognise(t.Context(), func(string) (Meshes, error) { return have, nil }, catalogue, pods, arms)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", "istio-sidecar", "istio-ambient"} {
		if arms[i].Mesh != want {
			t.Errorf("arm %s: mesh %q, %+v; want %q", arms[i].Name, arms[i].Mesh, arms[i].DataPlane, want)
		}
	}
}

func TestMeshesThatCannotBeMeasuredAreRefused(t *testing.T) {
	catalogue, err := mesh.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	long := "a-namespace-whose-name-has-36-letters"
	for told, says := range map[string]string{
		"istio":        "want one of aws-app-mesh, cilium",
		"aws-app-mesh": "it ended on 2026-09-30",
		"aspen-mesh":   "there is no mesh",
		"traefik-mesh": "use a namespace with a name of at most 25",
	} {
		have := namespaces{ns("plain", "baseline"), ns(long, "meshed", v1alpha1.AnnotationMesh, told)}
		arms, err := Find(t.Context(), have.only, Choice{}, command.Lines{})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := Recognise(t.Context(), func(string) (Meshes, error) { return have, nil }, catalogue, nil,
			arms); !IsUnusable(err) || !strings.Contains(err.Error(), says) {
			t.Errorf("mesh %s: error %v, want an UnusableError with %q", told, err, says)
		}
	}
}
