package experiment

import "github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"

// mostTargets is as many targets as any arm may have.
const mostTargets = 64

// checkDisturbed finds numbers of targets that a disturbance cannot be made of.
func checkDisturbed(c *checker, spec v1alpha1.ExperimentSpec) {
	d := spec.Disturbance
	const field = "spec.disturbance.replicas"
	switch {
	case d.Kind != v1alpha1.DisturbScale && d.Replicas != 0:
		c.add(field, "is for scale-targets alone")
	case d.Kind == v1alpha1.DisturbScale:
		between(c, field, []int{d.Replicas}, 1, mostTargets)
	}
}
