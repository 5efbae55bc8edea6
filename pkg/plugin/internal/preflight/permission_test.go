package preflight

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
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

type access map[string]bool // permissions that are denied

func (a access) Allowed(_ context.Context, p kube.Permission) (bool, error) {
	return !a[p.String()], nil
}

func TestMissingPermissionIsNamedWithItsRole(t *testing.T) {
	arms := []v1alpha1.Arm{{Name: "base", Namespace: "base"}, {Name: "mesh", Namespace: "mesh"}}
	if err := Permissions(context.Background(), access{}, arms); err != nil {
		t.Errorf("all is allowed, but: %v", err)
	}
	err := Permissions(context.Background(), access{"get pods/log in namespace mesh": true}, arms)
	var forbidden *ForbiddenError
	if !errors.As(err, &forbidden) || len(forbidden.Missing) != 1 {
		t.Fatalf("error %v, want a ForbiddenError with one permission", err)
	}
	for _, part := range []string{"get pods/log in namespace mesh", "kind: Role", "pods/log"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error does not contain %q:\n%v", part, err)
		}
	}
}
