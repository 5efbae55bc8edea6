package cli

import (
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
)

// resolve puts flags over documents and fills in what neither says.
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
