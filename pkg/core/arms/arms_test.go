package arms

import (
	"context"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/command"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
)

type namespaces []kube.Namespace

func (n namespaces) Namespace(_ context.Context, name string) (kube.Namespace, error) {
	for _, ns := range n {
		if ns.Name == name {
			return ns, nil
		}
	}
	return kube.Namespace{},
		fmt.Errorf("read namespace %s: %w", name, apierrors.NewNotFound(corev1.Resource("namespaces"), name))
}

func (n namespaces) AnnotatedNamespaces(context.Context) ([]kube.Namespace, error) {
	var found []kube.Namespace
	for _, ns := range n {
		if ns.Annotations[v1alpha1.AnnotationRole] != "" {
			found = append(found, ns)
		}
	}
	return found, nil
}

// only is one cluster, whatever the context.
func (n namespaces) only(string) (Namespaces, error) { return n, nil }

func ns(name, role string, more ...string) kube.Namespace {
	a := map[string]string{}
	if role != "" {
		a[v1alpha1.AnnotationRole] = role
	}
	for i := 0; i+1 < len(more); i += 2 {
		a[more[i]] = more[i+1]
	}
	return kube.Namespace{Name: name, Annotations: a}
}

func TestArms(t *testing.T) {
	tests := []struct {
		name   string
		have   namespaces
		choice Choice
		want   string // names of the arms, or part of the error
		fails  bool
	}{
		{name: "annotated ones, baseline first", have: namespaces{ns("a", "meshed"), ns("b", "baseline"), ns("c", "")},
			want: "b a"},
		{name: "display names", have: namespaces{ns("a", "meshed", v1alpha1.AnnotationArm, "istio"), ns("b", "baseline")},
			want: "b istio"},
		{name: "named ones only", have: namespaces{ns("a", "meshed"), ns("b", "baseline"), ns("d", "meshed")},
			choice: Choice{Baseline: Place{Namespace: "b"}, Meshed: []Place{{Namespace: "d"}}}, want: "b d"},
		{name: "the baseline twice", have: namespaces{ns("a", "meshed"), ns("b", "baseline")}, choice: Choice{Control: true},
			want: "b b-again a"},
		{name: "none annotated", have: namespaces{ns("a", "")},
			want: "kubectl annotate namespace NAMESPACE meshbench.dev/role=baseline", fails: true},
		{name: "no baseline", have: namespaces{ns("a", "meshed")}, want: "no namespace is the baseline", fails: true},
		{name: "two baselines", have: namespaces{ns("a", "baseline"), ns("b", "baseline"), ns("c", "meshed")},
			want: "kubectl annotate namespace b meshbench.dev/role-", fails: true},
		{name: "nothing meshed", have: namespaces{ns("a", "baseline")}, want: "no namespace is meshed", fails: true},
		{name: "unknown role", have: namespaces{ns("a", "basline")}, want: `"basline"`, fails: true},
		{name: "same display name", have: namespaces{ns("a", "baseline"), ns("b", "meshed", v1alpha1.AnnotationArm, "a")},
			want: "both called", fails: true},
		{name: "name that is no label", have: namespaces{ns("a", "baseline", v1alpha1.AnnotationArm, "my arm!")},
			want: "my arm!", fails: true},
		{name: "named but without consent", have: namespaces{ns("a", "baseline"), ns("b", "")},
			choice: Choice{Baseline: Place{Namespace: "a"}, Meshed: []Place{{Namespace: "b"}}},
			want:   "kubectl annotate namespace b meshbench.dev/role=meshed", fails: true},
		{name: "named but not there", have: namespaces{ns("a", "baseline")},
			choice: Choice{Baseline: Place{Namespace: "a"}, Meshed: []Place{{Namespace: "nowhere"}}},
			want:   "no namespace nowhere", fails: true},
		{name: "only one flag", have: namespaces{ns("a", "baseline")}, choice: Choice{Baseline: Place{Namespace: "a"}},
			want: "go together", fails: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			arms, err := Find(context.Background(), tt.have.only, tt.choice, command.Lines{})
			if tt.fails {
				if err == nil || !IsUnusable(err) || !strings.Contains(err.Error(), tt.want) {
					t.Fatalf("error %v, want an UnusableError with %q", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, a := range arms {
				names = append(names, a.Name)
			}
			if got := strings.Join(names, " "); got != tt.want {
				t.Errorf("arms %q, want %q", got, tt.want)
			}
		})
	}
}
