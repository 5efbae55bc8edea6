package analyse

import (
	"fmt"
	"math"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

const (
	codeDisturbed    = "disturbance"
	codeOneEvent     = "few-events"
	codeFragile      = "fragile-baseline"
	codeNearCapacity = "near-capacity"

	// roomyShare of what the weakest arm can do leaves the targets that remain room
	// for the work of one that is gone.
	roomyShare = 0.6
)

// failedBefore counts the failures that no disturbance explains: of requests that were
// due before it.
func (c *cell) failedBefore() (n int64) {
	for _, r := range c.rounds {
		n += r.trial.Load.Failed()
		if r.trial.Load.Continuity != nil {
			n -= r.trial.Load.Continuity.Failed
		}
	}
	return n
}

// disturbed says what was done to the targets of a cell and how requests failed by it:
// failures that are asked for are no trouble.
func disturbed(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.cells {
		if !c.disturbed() || len(c.rounds) == 0 {
			continue
		}
		byClass, said := map[string]int64{}, map[string]string{}
		var failed, all int64
		var steps int
		earliest, latest := math.Inf(1), math.Inf(-1)
		for _, r := range c.rounds {
			all += r.trial.Load.Requests + r.trial.Load.Failed()
			for _, e := range r.trial.Load.Errors {
				byClass[nameOf(e)] += e.Count
				said[nameOf(e)] = toldBy(e.Answer)
				failed += e.Count
			}
			if r.trial.Disturbed == nil {
				continue
			}
			for _, s := range r.trial.Disturbed.Steps {
				steps++
				earliest, latest = min(earliest, s.AskedSeconds), max(latest, s.AnsweredSeconds)
			}
		}
		if steps == 0 {
			continue
		}
		what := fmt.Sprintf("%s in %s, each begun at %s of the window: %s were deleted or made, from %.3f s to %.3f s",
			c.experiment.Spec.Disturbance.Kind, words.Count(len(c.rounds), "round", "rounds"),
			c.experiment.Spec.Disturbance.At.Duration, words.Count(steps, "pod", "pods"), earliest, latest)
		outcome := "no request failed"
		if failed > 0 {
			outcome = fmt.Sprintf("%d of %d requests failed (%s): %s", failed, all, percent(failed, all),
				classes(byClass, said))
		}
		if c.arm.Role == v1alpha1.RoleMeshed {
			outcome += "; whether and how often the mesh sends requests again is not known here, and may decide it"
		}
		out = append(out, c.finding(v1alpha1.SeverityInfo, "", "%s; %s", what, outcome))
	}
	return out
}

// fewEvents finds disturbances that were too few to rank arms by.
func fewEvents(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.cells {
		n := len(c.rounds)
		if !c.disturbed() || c.arm.Name == d.baseline.Name || n == 0 || n >= stats.MinPairs {
			continue
		}
		out = append(out, c.finding(v1alpha1.SeverityWarn,
			fmt.Sprintf("Disturb at least %d rounds: --rounds. What one event does depends on which requests were under "+
				"way just then.", stats.MinPairs),
			"%s of a disturbance: so few rank nobody", words.Count(n, "event", "events")))
	}
	return out
}

// fragileBaseline explains why requests of the baseline fail that a mesh's do not.
func fragileBaseline(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.cells {
		base := d.byAddress[c.at.Of(d.baseline.Name)]
		if !c.disturbed() || c.arm.Role != v1alpha1.RoleMeshed || base == nil {
			continue
		}
		own, other := c.values(v1alpha1.MetricFailed), base.values(v1alpha1.MetricFailed)
		lost := differencesOf(other, own)
		if len(lost) == 0 || stats.Mean(lost) < 1 || slices.Min(lost) < 0 {
			continue
		}
		out = append(out, c.finding(v1alpha1.SeverityInfo,
			"This is what the mesh hides, not what it costs. An application that waits a few seconds after SIGTERM before it "+
				"stops to accept, and clients that retry, come near it without a mesh.",
			"without the mesh %.3g requests failed for each disturbance, with it %.3g: a target's address stays among the "+
				"Service's endpoints until the control plane and every node have heard that it is gone, and nothing in the "+
				"baseline holds requests back from it meanwhile or sends them again", meanOf(other), meanOf(own)))
	}
	return out
}

// nearCapacity finds disturbances at a rate that leaves targets no room, where the
// report knows what the arms can do.
func nearCapacity(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.cells {
		if !c.disturbed() {
			continue
		}
		weakest, arm := math.Inf(1), ""
		for _, other := range d.cells {
			if !other.level.Rate.ClosedLoop() || other.level.Protocol != c.level.Protocol {
				continue
			}
			if v := other.values(v1alpha1.MetricThroughput); len(v) > 0 && meanOf(v) < weakest {
				weakest, arm = meanOf(v), other.arm.Name
			}
		}
		if rate := float64(c.level.Rate); rate > roomyShare*weakest {
			out = append(out, c.finding(v1alpha1.SeverityWarn, "Lower the rate: without room for the work of a target that is "+
				"gone, what is measured is overload.",
				"%s requests/s are %.0f %% of the %.4g that arm %s can do at most, and above %.0f %% there is no room",
				c.level.Rate,
				100*rate/weakest, weakest, arm, 100*roomyShare))
		}
	}
	return out
}
