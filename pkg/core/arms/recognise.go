package arms

import (
	"context"
	"errors"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// Meshes reads what shows which mesh a namespace is in.
type Meshes interface {
	Namespace(ctx context.Context, name string) (kube.Namespace, error)
	Installed(ctx context.Context, meshes mesh.Catalogue) mesh.Installed
}

// Recognise fills in which mesh each arm is in, as far as it shows before
// there are pods. observed holds what it was concluded from, by arm, for when
// there are. An annotation that names no known mesh, or one whose targets
// cannot be addressed, is an *UnusableError. pods is what all experiments want of
// their pods, which may opt into a mesh by that; nil for nothing.
func Recognise(ctx context.Context, in func(context string) (Meshes, error), catalogue mesh.Catalogue,
	pods *v1alpha1.Pods, arms []v1alpha1.Arm) (recognised []v1alpha1.Arm, observed map[string]mesh.Observation,
	err error) {
	installed := map[string]mesh.Installed{} // by context
	observed = map[string]mesh.Observation{}
	for _, arm := range arms {
		from, err := in(arm.Context)
		if err != nil {
			return nil, nil, err
		}
		if _, known := installed[arm.Context]; !known {
			installed[arm.Context] = from.Installed(ctx, catalogue)
		}
		ns, err := from.Namespace(ctx, arm.Namespace)
		if err != nil {
			return nil, nil, err
		}
		marks := pods.Marks(arm.Name)
		o := mesh.Observation{
			Asked: mesh.Meta{Labels: marks.Labels, Annotations: marks.Annotations},
			Told:  ns.Annotations[v1alpha1.AnnotationMesh], Role: arm.Role,
			Namespace: mesh.Meta{Labels: ns.Labels, Annotations: ns.Annotations}, Installed: installed[arm.Context],
		}
		d, err := catalogue.Detect(o)
		var unknown *mesh.UnknownError
		if errors.As(err, &unknown) {
			return nil, nil, unusable("namespace %s: annotation %s: %v", arm.Namespace, v1alpha1.AnnotationMesh, err)
		}
		if err != nil {
			return nil, nil, err
		}
		if m, err := catalogue.Get(d.Mesh); err == nil && arm.Role == v1alpha1.RoleMeshed {
			if m.Support == mesh.SupportDetect {
				return nil, nil,
					unusable("namespace %s is in %s, which meshbench cannot measure: %s", arm.Namespace, m.Title, m.Address.Impossible)
			}
			if err := workload.NamesFit(m.Address, arm); err != nil {
				return nil, nil, unusable("namespace %s is in %s: %v", arm.Namespace, m.Title, err)
			}
		}
		arm.Mesh, arm.DataPlane = d.Mesh, &d
		recognised = append(recognised, arm)
		observed[arm.Name] = o
	}
	return recognised, observed, nil
}

// Addressing is how the targets of arms are reached, by arm. An arm of an
// unknown mesh, and the baseline, have a plain Service.
func Addressing(catalogue mesh.Catalogue, arms []v1alpha1.Arm) map[string]mesh.Addressing {
	all := map[string]mesh.Addressing{}
	for _, arm := range arms {
		if m, err := catalogue.Get(arm.Mesh); err == nil && arm.Role == v1alpha1.RoleMeshed {
			all[arm.Name] = m.Address
		}
	}
	return all
}

// Counters are those that the proxies of arms serve in their pods, by arm; the
// baseline and an arm of an unknown mesh have none.
func Counters(catalogue mesh.Catalogue, arms []v1alpha1.Arm) map[string][]mesh.CounterProof {
	all := map[string][]mesh.CounterProof{}
	for _, arm := range arms {
		if m, err := catalogue.Get(arm.Mesh); err == nil && arm.Role == v1alpha1.RoleMeshed && len(m.Proof.Counters) > 0 {
			all[arm.Name] = m.Proof.Counters
		}
	}
	return all
}
