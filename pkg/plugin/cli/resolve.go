package cli

import (
	"errors"
	"fmt"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
)

func resolve(f *runFlags, documents []v1alpha1.Experiment) ([]v1alpha1.Experiment, error) {
	var resolved []v1alpha1.Experiment
	for _, document := range documents {
		changed, err := f.apply(document)
		if err != nil {
			return nil, err
		}
		e, err := experiment.Resolve(changed)
		if err != nil {
			return nil, usagef("experiment %s: %w", document.Metadata.Name, err)
		}
		resolved = append(resolved, e)
	}
	return resolved, nil
}

// compatible refuses experiments that cannot share a run, because its targets
// serve all of them, and objectives that nothing would be held to.
func compatible(experiments []v1alpha1.Experiment, slos []string) error {
	first := experiments[0]
	for i, e := range experiments {
		for _, other := range experiments[:i] {
			if e.Metadata.Name == other.Metadata.Name { // --set may have renamed one
				return usagef("experiment %s is given twice: run them one after the other", e.Metadata.Name)
			}
		}
	}
	for _, e := range experiments[1:] {
		if targetOf(e) != targetOf(first) {
			return usagef("experiments %s and %s want different targets (spec.target, spec.nodes.target), but a run has one for each arm: run them one after the other", first.Metadata.Name, e.Metadata.Name)
		}
	}
	for _, e := range experiments {
		if e.Spec.Search == nil && e.Spec.Arms != v1alpha1.ArmsBaseline {
			return nil
		}
	}
	if len(slos) > 0 {
		return usagef("--slo: no experiment of this run compares arms at a given load, so nothing would be held to it; the objective of a search is --set 'search.slo=...'")
	}
	return nil
}

func targetOf(e v1alpha1.Experiment) string {
	node := ""
	if e.Spec.Nodes != nil {
		node = e.Spec.Nodes.Target
	}
	t := e.Spec.Target
	return fmt.Sprint(t.CPURequest, t.CPULimit, t.Memory, node)
}

// baselineOnly reports whether no experiment needs a meshed arm.
func baselineOnly(experiments []v1alpha1.Experiment) bool {
	for _, e := range experiments {
		if e.Spec.Arms != v1alpha1.ArmsBaseline {
			return false
		}
	}
	return true
}

// replannable checks what a journal says of a run before it is planned again:
// the file may be damaged, or of another version.
func replannable(in plan.Input) error {
	if len(in.Experiments) == 0 || len(in.Arms) == 0 || in.Arms[0].Role != v1alpha1.RoleBaseline {
		return errors.New("it names no experiment, or no baseline")
	}
	for i, e := range in.Experiments {
		resolved, err := experiment.Resolve(e)
		if err != nil {
			return fmt.Errorf("experiment %s: %w", e.Metadata.Name, err)
		}
		in.Experiments[i] = resolved
	}
	return nil
}
