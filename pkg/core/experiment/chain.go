package experiment

import (
	"slices"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// checkChain finds chains that cannot be, and those that no request can get to the
// end of in time.
func checkChain(c *checker, spec v1alpha1.ExperimentSpec) {
	f := spec.Factors
	several := func(n int) bool { return n > 1 }
	chained := slices.ContainsFunc(f.Hops, several)
	if slices.ContainsFunc(f.FanOut, several) && slices.Contains(f.Hops, 1) {
		c.add("spec.factors.fanOut", "the first target calls the second so often, and with one hop there is none: "+
			"set spec.factors.hops to 2 or more")
	}
	if chained && slices.ContainsFunc(f.Replicas, several) {
		c.add("spec.factors.replicas",
			"each target of a chain is one pod: leave out spec.factors.replicas or spec.factors.hops")
	}
	if chained && spec.Disturbance != nil {
		c.add("spec.disturbance", "is for the targets behind one Service: leave out spec.factors.hops")
	}
	for _, d := range f.ServerDelay {
		most := time.Duration(slices.Max(append([]int{1}, f.Hops...)))
		if limit := spec.Schedule.RequestTimeout.Duration; chained && d.Duration < limit && d.Duration*most >= limit {
			c.add("spec.factors.serverDelay", "%s at each of %d hops is not below spec.schedule.requestTimeout, %s: every "+
				"request would fail", d.Duration, most, limit)
		}
	}
}
