package experiment

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/factor"
	"github.com/meshbench/kubectl-meshbench/pkg/core/gate"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
)

// checkNodes finds nodes that contradict the placement: pods cannot be pinned
// to one node and kept apart.
func checkNodes(c *checker, s v1alpha1.ExperimentSpec) {
	if s.Nodes == nil {
		return
	}
	for _, n := range []struct{ field, name string }{{"spec.nodes.load", s.Nodes.Load},
		{"spec.nodes.target", s.Nodes.Target}} {
		if n.name == "" {
			continue
		}
		for _, problem := range validation.IsDNS1123Subdomain(n.name) {
			c.add(n.field, "%q: %s", n.name, problem)
		}
	}
	if s.Nodes.Load == "" || s.Nodes.Target == "" {
		return
	}
	same := s.Nodes.Load == s.Nodes.Target
	for _, p := range s.Factors.Placement {
		switch {
		case p == v1alpha1.PlacementCrossNode && same:
			c.add("spec.nodes",
				"load and target are both pinned to %s, but the placement is cross-node: leave out spec.factors.placement",
				s.Nodes.Load)
		case p == v1alpha1.PlacementSameNode && !same:
			c.add("spec.nodes",
				"load is pinned to %s and target to %s, but the placement is same-node: leave out spec.factors.placement",
				s.Nodes.Load, s.Nodes.Target)
		}
	}
}

// longestLoad bounds the time that one arm is under load in one experiment. With
// every trial repeated, and many arms, pods still get a deadline that Kubernetes
// takes, which is below 68 years.
const longestLoad = 90 * 24 * time.Hour

// checkPrecision finds a precision that no number of rounds is chosen by.
func checkPrecision(c *checker, spec v1alpha1.ExperimentSpec) {
	const field = "spec.schedule.precision"
	s := spec.Schedule
	switch {
	case s.Precision == 0:
	case !(s.Precision >= 0.005 && s.Precision <= 1):
		c.add(field, "%v is not between 0.005 and 1", s.Precision)
	case spec.Search != nil:
		c.add(field, "a search has no rounds: its spec.search.resolution says how close its ends are")
	case spec.Arms == v1alpha1.ArmsBaseline:
		c.add(field, "only the baseline takes part (spec.arms): there is no ratio")
	case s.Rounds < FirstRounds:
		c.add(field, "spec.schedule.rounds, %d, is the most that may be added to, and %d decide: want more", s.Rounds,
			FirstRounds)
	}
}

// checkTime finds what is well-formed and cannot be measured in its time.
func checkTime(c *checker, spec v1alpha1.ExperimentSpec) {
	s := spec.Schedule
	for _, r := range spec.Factors.Rate {
		if r > 0 && r <= factor.MaxRate && float64(r)*s.Duration.Seconds() < 1 {
			c.add("spec.factors.rate", "%.20s requests/s are less than one in a window of %s (spec.schedule.duration)", r,
				s.Duration.Duration)
		}
	}
	for _, d := range spec.Factors.ServerDelay {
		if d.Duration >= s.RequestTimeout.Duration {
			c.add("spec.factors.serverDelay", "%s is not below spec.schedule.requestTimeout, %s: every request would fail",
				d.Duration, s.RequestTimeout.Duration)
		}
	}
	trials := float64(len(factor.Levels(spec.Factors))) * float64(s.Rounds)
	if spec.Search != nil {
		trials = float64(len(factor.Levels(spec.Factors))) * float64(spec.Search.MaxTrials)
	}
	if hours := trials * (s.Warmup.Hours() + s.Duration.Hours()); hours > longestLoad.Hours() {
		c.add("spec.schedule", "load for %.0fh on each arm, want at most %.0fh: fewer rounds or levels, or shorter ones",
			hours, longestLoad.Hours())
	}
}

// checkFaults finds faults that would change nothing, or that leave nothing to measure.
func checkFaults(c *checker, spec v1alpha1.ExperimentSpec) {
	f := spec.Factors
	delayed := slices.ContainsFunc(f.ServerDelay, func(d v1alpha1.Duration) bool { return d.Duration > 0 })
	if !delayed && slices.ContainsFunc(f.SlowRatio, func(share float64) bool { return share != 1 }) {
		c.add("spec.factors.slowRatio", "is the share of requests that spec.factors.serverDelay is for, and that is 0: "+
			"give the delay as well")
	}
	if spec.Search != nil && slices.ContainsFunc(f.ErrorRatio, func(share float64) bool { return share > 0 }) {
		c.add("spec.factors.errorRatio", "a search takes a rate that loses requests for one that is too high: leave it out")
	}
}

// checkSearch finds what keeps a search from choosing rates.
func checkSearch(c *checker, spec v1alpha1.ExperimentSpec) {
	s := spec.Search
	if s == nil {
		return
	}
	slo, err := gate.Parse(s.SLO)
	m, _ := metric.Find(slo.Metric)
	switch {
	case s.SLO == "":
		c.add("spec.search.slo", "is empty: a search needs an objective, such as \"p99 < 20ms\"")
	case err != nil:
		c.add("spec.search.slo", "%v", err)
	case slo.Relative:
		c.add("spec.search.slo",
			"%q refers to the baseline, but every arm is searched on its own: give a bound in the metric's unit", s.SLO)
	case m.Unit == v1alpha1.UnitPerSecond:
		c.add("spec.search.slo", "%q is about the rate, which is what the search looks for: give a latency or errors", s.SLO)
	case !m.IsOfTrial():
		c.add("spec.search.slo",
			"%q needs all that was measured around a trial, and a search judges each at once: give a latency or errors", s.SLO)
	case slo.Above:
		c.add("spec.search.slo",
			"%q holds at high rates, where a search looks for the end of what holds: give an upper bound, as in \"p99 < 20ms\"",
			s.SLO)
	}
	if !slices.Equal(spec.Factors.Rate, v1alpha1.Values[v1alpha1.Rate]{v1alpha1.RateMax}) {
		c.add("spec.factors.rate",
			"a search chooses the rates: leave it out, and set spec.search.low and spec.search.high instead")
	}
	if len(spec.SLOs) > 0 {
		c.add("spec.slos", "a search has no cells to hold to objectives: set spec.search.slo instead")
	}
	between(c, "spec.search.low", []v1alpha1.Rate{s.Low}, 0, factor.MaxRate)
	between(c, "spec.search.high", []v1alpha1.Rate{s.High}, 0, factor.MaxRate)
	if s.Low > 0 && s.High > 0 && s.Low >= s.High {
		c.add("spec.search.low", "%v is not below spec.search.high, %v", s.Low, s.High)
	}
	if !(s.Resolution >= 0.005 && s.Resolution <= 1) {
		c.add("spec.search.resolution", "%v is not between 0.005 and 1", s.Resolution)
	}
	between(c, "spec.search.confirmations", []int{s.Confirmations}, 1, 20)
	between(c, "spec.search.maxTrials", []int{s.MaxTrials}, 4, 1000)
}
