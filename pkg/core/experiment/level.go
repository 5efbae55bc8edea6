package experiment

import (
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/factor"
)

// DefaultLevel is the id of the only level of an experiment that sweeps nothing.
const DefaultLevel = "default"

// Levels unfolds the factors of a resolved experiment into every combination
// of their values, in the order in which the document gives them. Only the
// swept factors appear in a level's id.
func Levels(e v1alpha1.Experiment) []v1alpha1.Level {
	levels := factor.Levels(e.Spec.Factors)
	for i := range levels {
		if levels[i].ID == "" {
			levels[i].ID = DefaultLevel
		}
	}
	return levels
}

// Arms are those that take part in an experiment, in the same order.
func Arms(e v1alpha1.Experiment, all []v1alpha1.Arm) []v1alpha1.Arm {
	var some []v1alpha1.Arm
	for _, a := range all {
		if e.Spec.Arms.Includes(a.Role) {
			some = append(some, a)
		}
	}
	return some
}

// BaselineOnly reports whether none of the experiments needs a meshed arm.
func BaselineOnly(all []v1alpha1.Experiment) bool {
	return !slices.ContainsFunc(all, func(e v1alpha1.Experiment) bool { return e.Spec.Arms != v1alpha1.ArmsBaseline })
}
