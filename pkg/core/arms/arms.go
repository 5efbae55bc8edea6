// Package arms decides who takes part in a run: the namespaces whose owners
// consented, the mesh that each is in, and how its targets are addressed. Some
// may be in other clusters.
package arms

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/command"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
)

// Namespaces reads namespaces.
type Namespaces interface {
	Namespace(ctx context.Context, name string) (kube.Namespace, error)
	AnnotatedNamespaces(ctx context.Context) ([]kube.Namespace, error)
}

// Lookup returns the namespaces of the cluster that a kubeconfig context names;
// the empty context is that of the run.
type Lookup func(context string) (Namespaces, error)

// Choice is what the user said about the namespaces. With nothing named, all
// annotated namespaces of the run's cluster take part.
type Choice struct {
	Baseline Place
	Meshed   []Place
	// BaselineOnly leaves meshed namespaces alone, and needs none.
	BaselineOnly bool
	// Control adds the baseline a second time.
	Control bool
}

// controlSuffix makes the name of the control from that of the baseline.
const controlSuffix = "-again"

// UnusableError says that the namespaces cannot make a run; nothing was created.
type UnusableError struct{ Reason string }

func (e *UnusableError) Error() string { return e.Reason }

// Find returns the arms of a run, the baseline first, the others by name. A
// namespace takes part only if its annotation says so, named or not. What a user
// may type to change that is written by say.
func Find(ctx context.Context, from Lookup, choice Choice, say command.Lines) ([]v1alpha1.Arm, error) {
	found, err := choose(ctx, from, choice, say)
	if err != nil {
		return nil, err
	}
	var baselines, meshed []v1alpha1.Arm
	for _, ns := range found {
		arm := v1alpha1.Arm{
			Name:      ns.place.armName(),
			Namespace: ns.Name,
			Context:   ns.place.Context,
			Role:      v1alpha1.Role(ns.Annotations[v1alpha1.AnnotationRole]),
			Mesh:      ns.Annotations[v1alpha1.AnnotationMesh],
		}
		if name := ns.Annotations[v1alpha1.AnnotationArm]; name != "" {
			arm.Name = name
		}
		if problem := badArmName(arm.Name); problem != "" {
			return nil, unusable("namespace %s: annotation %s: %q %s", ns.Name, v1alpha1.AnnotationArm, arm.Name, problem)
		}
		switch arm.Role {
		case v1alpha1.RoleBaseline:
			baselines = append(baselines, arm)
		case v1alpha1.RoleMeshed:
			meshed = append(meshed, arm)
		default:
			return nil,
				unusable("namespace %s: annotation %s is %q, want %q or %q", ns.Name, v1alpha1.AnnotationRole, arm.Role,
					v1alpha1.RoleBaseline, v1alpha1.RoleMeshed)
		}
	}
	if err := enough(baselines, meshed, choice.BaselineOnly, say); err != nil {
		return nil, err
	}
	if choice.BaselineOnly {
		return baselines, nil
	}
	slices.SortFunc(meshed, func(a, b v1alpha1.Arm) int { return strings.Compare(a.Name, b.Name) })
	arms := baselines
	if choice.Control {
		again := baselines[0]
		again.Name, again.Role = again.Name+controlSuffix, v1alpha1.RoleControl
		arms = append(arms, again)
	}
	arms = append(arms, meshed...)
	for i, a := range arms {
		for _, b := range arms[:i] {
			if a.Name == b.Name {
				return nil,
					unusable("namespaces %s and %s are both called %q in reports: change annotation %s on one", PlaceOf(b), PlaceOf(a),
						a.Name, v1alpha1.AnnotationArm)
			}
		}
	}
	return arms, nil
}

// located is a namespace and where it was found.
type located struct {
	kube.Namespace
	place Place
}

func choose(ctx context.Context, from Lookup, choice Choice, say command.Lines) ([]located, error) {
	if choice.Baseline.Namespace == "" && len(choice.Meshed) == 0 {
		return annotated(ctx, from)
	}
	if choice.Baseline.Namespace == "" || len(choice.Meshed) == 0 && !choice.BaselineOnly {
		return nil,
			unusable("--baseline and --meshed go together: name one namespace with the first, and one or more with the second")
	}
	var found []located
	for i, place := range append([]Place{choice.Baseline}, choice.Meshed...) {
		role := v1alpha1.RoleMeshed
		if i == 0 {
			role = v1alpha1.RoleBaseline
		}
		namespaces, err := from(place.Context)
		if err != nil {
			return nil, err
		}
		ns, err := namespaces.Namespace(ctx, place.Namespace)
		if apierrors.IsNotFound(err) {
			return nil, unusable("there is no namespace %s, which is named as %s: see\n  %s", place, role,
				say.Kubectl(place.Context, "get", "namespaces"))
		}
		if err != nil {
			return nil, err
		}
		if got := ns.Annotations[v1alpha1.AnnotationRole]; got != string(role) {
			return nil,
				unusable("namespace %s is named as %s, but its annotation %s is %q: allow it with\n  %s", place, role,
					v1alpha1.AnnotationRole, got, annotate(say, place, role))
		}
		found = append(found, located{ns, place})
	}
	return found, nil
}

// annotated are all namespaces of the run's cluster that consent.
func annotated(ctx context.Context, from Lookup) ([]located, error) {
	namespaces, err := from("")
	if err != nil {
		return nil, err
	}
	list, err := namespaces.AnnotatedNamespaces(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: name the namespaces with --baseline and --meshed instead", err)
	}
	var found []located
	for _, ns := range list {
		found = append(found, located{ns, Place{Namespace: ns.Name}})
	}
	return found, nil
}

func enough(baselines, meshed []v1alpha1.Arm, baselineOnly bool, say command.Lines) error {
	switch {
	case len(baselines) == 0 && len(meshed) == 0 && !baselineOnly:
		return unusable("no namespace is annotated: choose one without a mesh and one with, and allow meshbench to use them with\n  %s\n  %s",
			annotate(say, anywhere, v1alpha1.RoleBaseline), annotate(say, anywhere, v1alpha1.RoleMeshed))
	case len(baselines) == 0:
		return unusable("no namespace is the baseline: choose one without a mesh, and annotate it with\n  %s",
			annotate(say, anywhere, v1alpha1.RoleBaseline))
	case len(baselines) > 1:
		var names []string
		for _, b := range baselines {
			names = append(names, b.Namespace)
		}
		return unusable("%d namespaces are the baseline (%s), want one: take the annotation off the others with\n  %s",
			len(names), strings.Join(names, ", "), say.Kubectl("",
				append(append([]string{"annotate", "namespace"}, names[1:]...), v1alpha1.AnnotationRole+"-")...))
	case len(meshed) == 0 && !baselineOnly:
		return unusable("no namespace is meshed: choose one that is enrolled in a mesh, and annotate it with\n  %s",
			annotate(say, anywhere, v1alpha1.RoleMeshed))
	}
	return nil
}

func annotate(say command.Lines, place Place, role v1alpha1.Role) string {
	return say.Kubectl(place.Context, "annotate", "namespace", place.Namespace,
		v1alpha1.AnnotationRole+"="+string(role), "--overwrite")
}

func unusable(format string, args ...any) error {
	return &UnusableError{Reason: fmt.Sprintf(format, args...)}
}

// IsUnusable reports whether err says that the input, not the cluster, is at fault.
func IsUnusable(err error) bool {
	var u *UnusableError
	return errors.As(err, &u)
}
