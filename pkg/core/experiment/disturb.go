package experiment

import (
	"slices"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/disturb"
)

// longestDrain is below the grace that targets get, which is Kubernetes' own.
const longestDrain = 20 * time.Second

// checkDisturbance finds disturbances that cannot be made, or whose effect nobody
// could see.
func checkDisturbance(c *checker, spec v1alpha1.ExperimentSpec) {
	d := spec.Disturbance
	if d == nil {
		return
	}
	const field = "spec.disturbance"
	oneOf(c, field+".kind", []v1alpha1.DisturbanceKind{d.Kind}, v1alpha1.DisturbKill, v1alpha1.DisturbRestart,
		v1alpha1.DisturbScale)
	if last := spec.Schedule.Duration.Duration - disturb.LeastAfter; d.At.Duration < disturb.LeastBefore ||
		d.At.Duration > last {
		c.add(field+".at", "%s is not between %s, for how it was before, and %s, which is %s before the end of the window "+
			"(spec.schedule.duration)", d.At.Duration, disturb.LeastBefore, last, disturb.LeastAfter)
	}
	length(c, field+".drainDelay", d.DrainDelay, 0, longestDrain)
	if d.Kind == v1alpha1.DisturbKill && d.DrainDelay.Duration > 0 {
		c.add(field+".drainDelay", "is for targets that are asked to end, and one that is killed is not")
	}
	checkDisturbed(c, spec)
	if spec.Search != nil {
		c.add(field, "a search takes a rate that loses requests for one that is too high: leave one of the two out")
	}
	if spec.Schedule.Precision > 0 {
		c.add(field, "spec.schedule.precision goes by the latencies of undisturbed windows: give spec.schedule.rounds")
	}
	if slices.ContainsFunc(spec.Factors.Rate, v1alpha1.Rate.ClosedLoop) && spec.Search == nil {
		c.add("spec.factors.rate", "max is a closed loop, which hides an outage: whoever waits for an answer sends nothing "+
			"meanwhile. Give requests per second, below 60 %% of what the weakest arm can do")
	}
	if slices.ContainsFunc(spec.Factors.ErrorRatio, func(share float64) bool { return share > 0 }) {
		c.add("spec.factors.errorRatio", "with spec.disturbance nobody can tell whose failures are whose: leave one of the "+
			"two out")
	}
}
