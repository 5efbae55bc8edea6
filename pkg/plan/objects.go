package plan

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshbench/kubectl-meshbench/pkg/workload"
)

// AllObjects returns every object the run would create, in order, for
// `--dry-run`. What only a cluster can give (an owner's uid, the node a pod is
// pinned to, the shared start instant of several load pods) is left out.
func (p Plan) AllObjects() ([]any, error) {
	var all []any
	for _, o := range p.Objects {
		all = append(all, o.Owner)
		for _, service := range o.Services {
			all = append(all, service)
		}
		all = append(all, o.Target)
	}
	for i, t := range p.Trials {
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

func pullPolicy(s string) corev1.PullPolicy {
	if s == "" {
		return corev1.PullIfNotPresent
	}
	return corev1.PullPolicy(s)
}
