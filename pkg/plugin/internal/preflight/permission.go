// Package preflight decides whether a run may begin: whether the user may do
// what it needs, and whether anything would stop or spoil it. It changes nothing.
package preflight

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/meshbench/kubectl-meshbench/manifests"
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
)

// Access asks the API server what the user may do.
type Access interface {
	Allowed(ctx context.Context, p kube.Permission) (bool, error)
}

// ForbiddenError names what the user may not do, and the Role that grants it.
type ForbiddenError struct {
	Missing []kube.Permission
	// Role is the YAML of the Role to create in each namespace.
	Role string
}

func (e *ForbiddenError) Error() string {
	var b strings.Builder
	b.WriteString("you may not:")
	for _, p := range e.Missing {
		fmt.Fprintf(&b, "\n  %s", p)
	}
	b.WriteString("\nthis Role, bound to you in each namespace, grants it:\n")
	for line := range strings.Lines(e.Role) {
		b.WriteString("  " + line)
	}
	return strings.TrimRight(b.String(), "\n")
}

// Permissions checks that the user holds every permission of the shipped Role
// in every arm's namespace. It returns a *ForbiddenError if not.
func Permissions(ctx context.Context, access Access, of []v1alpha1.Arm) error {
	role, text, err := shippedRole()
	if err != nil {
		return err
	}
	var wanted []kube.Permission
	for _, arm := range of {
		wanted = append(wanted, permissionsOf(role, arm.Namespace)...)
	}
	missing, err := missing(ctx, access, wanted)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return &ForbiddenError{Missing: missing, Role: text}
	}
	return nil
}

// shippedRole is the Role of a run, and its YAML without comments.
func shippedRole() (rbacv1.Role, string, error) {
	data, err := fs.ReadFile(manifests.Files, "rbac/role.yaml")
	if err != nil {
		return rbacv1.Role{}, "", fmt.Errorf("shipped Role: %w", err)
	}
	var role rbacv1.Role
	if err := yaml.UnmarshalStrict(data, &role); err != nil {
		return rbacv1.Role{}, "", fmt.Errorf("shipped Role: %w", err)
	}
	return role, string(withoutComments(data)), nil
}

// missing asks for all permissions at once, and returns those not held.
func missing(ctx context.Context, access Access, wanted []kube.Permission) ([]kube.Permission, error) {
	wanted = distinct(wanted)
	allowed := make([]bool, len(wanted))
	errs := make([]error, len(wanted))
	var questions sync.WaitGroup
	for i, p := range wanted {
		questions.Go(func() { allowed[i], errs[i] = access.Allowed(ctx, p) })
	}
	questions.Wait()
	var denied []kube.Permission
	for i, p := range wanted {
		if errs[i] != nil {
			return nil, errs[i]
		}
		if !allowed[i] {
			denied = append(denied, p)
		}
	}
	return denied, nil
}

func permissionsOf(role rbacv1.Role, namespace string) []kube.Permission {
	var all []kube.Permission
	for _, rule := range role.Rules {
		for _, resource := range rule.Resources {
			name, sub, _ := strings.Cut(resource, "/")
			for _, verb := range rule.Verbs {
				all = append(all, kube.Permission{Verb: verb, Resource: name, Subresource: sub, Namespace: namespace})
			}
		}
	}
	return all
}

// distinct leaves out what two arms of one namespace both need.
func distinct(all []kube.Permission) []kube.Permission {
	var out []kube.Permission
	for _, p := range all {
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

func withoutComments(data []byte) []byte {
	var out []byte
	for line := range bytes.Lines(data) {
		if !bytes.HasPrefix(bytes.TrimSpace(line), []byte("#")) {
			out = append(out, line...)
		}
	}
	return out
}
