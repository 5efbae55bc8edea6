package effect

import (
	"encoding/json"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/factor"
	"github.com/meshbench/kubectl-meshbench/pkg/core/precision"
)

// contrast is two levels that differ in nothing but one factor.
type contrast struct {
	factor factor.Factor
	// level is of experiment, first of against; they are the same but for experiments
	// of one run that differ in a factor.
	experiment, against string
	level, first        v1alpha1.Level
	arms                []v1alpha1.Arm
	// decided is the number of rounds that decided how many there are; 0 if none did.
	decided int
}

func (c contrast) paired() bool { return c.experiment == c.against }

// contrasts are those of a report, by experiment and factor.
func contrasts(r v1alpha1.Report) []contrast {
	var all []contrast
	for i, e := range r.Experiments {
		if e.Spec.Search != nil {
			continue // it chose its rates itself, and differently for each arm
		}
		all = append(all, within(e, experiment.Arms(e, r.Arms))...)
		for _, before := range r.Experiments[:i] {
			all = append(all, between(before, e, experiment.Arms(e, r.Arms))...)
		}
	}
	return all
}

// within are the contrasts of one experiment: each level against the one with the
// factor's first value and the same others.
func within(e v1alpha1.Experiment, arms []v1alpha1.Arm) []contrast {
	var all []contrast
	levels := experiment.Levels(e)
	for _, f := range factor.All() {
		first := map[v1alpha1.Level]v1alpha1.Level{}
		for _, l := range levels {
			others := f.Rest(l)
			from, seen := first[others]
			if !seen {
				first[others] = l
				continue
			}
			all = append(all, contrast{factor: f, experiment: e.Metadata.Name, against: e.Metadata.Name, level: l, first: from,
				arms: arms, decided: precision.First(e)})
		}
	}
	return all
}

// between are the contrasts of two experiments that have one value each of a
// factor, not the same, and all else in common.
func between(a, b v1alpha1.Experiment, arms []v1alpha1.Arm) []contrast {
	if design(a) != design(b) {
		return nil
	}
	before, after := experiment.Levels(a), experiment.Levels(b)
	if len(before) != len(after) {
		return nil
	}
	for _, f := range factor.All() {
		var all []contrast
		found := map[v1alpha1.Level]v1alpha1.Level{}
		for _, l := range before {
			found[f.Rest(l)] = l
		}
		for _, l := range after {
			first, ok := found[f.Rest(l)]
			if !ok || f.Value(first) == f.Value(l) || len(found) != len(before) {
				break
			}
			all = append(all, contrast{factor: f, experiment: b.Metadata.Name, against: a.Metadata.Name, level: l, first: first,
				arms: arms})
		}
		if len(all) == len(after) {
			return all
		}
	}
	return nil
}

// design is all that two experiments must have in common beside their levels.
func design(e v1alpha1.Experiment) string {
	s := e.Spec
	s.Question, s.SLOs, s.Factors, s.Schedule.Seed = "", nil, v1alpha1.Factors{}, nil
	if s.Search != nil {
		return "search " + e.Metadata.Name
	}
	text, err := json.Marshal(s)
	if err != nil {
		return "unknown " + e.Metadata.Name
	}
	return string(text)
}
