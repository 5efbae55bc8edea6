package experiment

import (
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/factor"
)

// checkDisturbed finds numbers of targets that a disturbance cannot be made of.
func checkDisturbed(c *checker, spec v1alpha1.ExperimentSpec) {
	d, replicas := spec.Disturbance, spec.Factors.Replicas
	const field = "spec.disturbance.replicas"
	switch d.Kind {
	case v1alpha1.DisturbKill:
		if slices.Contains(replicas, 1) {
			c.add("spec.factors.replicas", "with one target a kill measures how soon the kubelet makes another: want 2 at least")
		}
	case v1alpha1.DisturbScale:
		between(c, field, []int{d.Replicas}, 1, factor.MaxReplicas)
		if slices.Contains(replicas, d.Replicas) {
			c.add(field, "%d targets are there already (spec.factors.replicas)", d.Replicas)
		}
	}
	if d.Kind != v1alpha1.DisturbScale && d.Replicas != 0 {
		c.add(field, "is for scale-targets alone")
	}
}
