package plan

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/core/workload"
)

// AllObjects returns every object the run would create, in order, for
// `--dry-run`. What only a cluster can give (an owner's uid, the node a pod is
// pinned to, the shared start instant of several load pods) is left out, and so
// are the trials of a search after its first step, which nobody knows before.
func (p Plan) AllObjects() ([]any, error) {
	var all []any
	for _, o := range p.Objects {
		all = append(all, o.Owner)
		for _, service := range o.Services {
			all = append(all, service)
		}
		for _, target := range o.Targets {
			all = append(all, target)
		}
	}
	for i, t := range p.Planned() {
		pods, err := workload.LoadPods(p.Run, p.Load(t, 1, i+1))
		if err != nil {
			return nil, fmt.Errorf("plan trial %s: %w", t.ID(1), err)
		}
		for _, pod := range pods {
			all = append(all, pod)
		}
	}
	return all, nil
}

// Planned are the trials that are known before anything runs: of a search, the
// first of each arm.
func (p Plan) Planned() []Trial {
	all := append([]Trial(nil), p.Trials...)
	for _, s := range p.Searches {
		for _, arm := range s.Order(1) {
			if t, ok := s.Next(nil, 1, arm); ok {
				all = append(all, t)
			}
		}
	}
	return all
}

func pullPolicy(s string) corev1.PullPolicy {
	if s == "" {
		return corev1.PullIfNotPresent
	}
	return corev1.PullPolicy(s)
}
