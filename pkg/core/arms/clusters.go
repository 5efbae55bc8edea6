package arms

import "github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"

// Contexts are those that arms name, in their order: the clusters beside the
// run's own.
func Contexts(arms []v1alpha1.Arm) []string {
	var names []string
	seen := map[string]bool{"": true}
	for _, arm := range arms {
		if !seen[arm.Context] {
			seen[arm.Context] = true
			names = append(names, arm.Context)
		}
	}
	return names
}

// In are the arms in the cluster of one context.
func In(arms []v1alpha1.Arm, context string) []v1alpha1.Arm {
	var in []v1alpha1.Arm
	for _, arm := range arms {
		if arm.Context == context {
			in = append(in, arm)
		}
	}
	return in
}

// From makes places that name the run's own context ones without a context, so
// that their arms are paired with the others there.
func (c Choice) From(own string) Choice {
	near := func(p Place) Place {
		if p.Context == own {
			p.Context = ""
		}
		return p
	}
	out := c
	out.Baseline, out.Meshed = near(c.Baseline), nil
	for _, p := range c.Meshed {
		out.Meshed = append(out.Meshed, near(p))
	}
	return out
}
