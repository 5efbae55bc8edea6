package preflight

import (
	"context"
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/arms"
	"github.com/meshbench/kubectl-meshbench/pkg/core/capacity"
	"github.com/meshbench/kubectl-meshbench/pkg/core/kube"
)

// quota compares all that an arm needs at once with what quotas leave. Admission
// looks at one pod at a time, so this finds more than a dry run.
func (c *checker) quota(ctx context.Context, in Cluster, arm v1alpha1.Arm) Result {
	quotas, err := in.Quotas(ctx, arm.Namespace)
	if err != nil {
		return unknown(err.Error(),
			grants(kube.Permission{Verb: "list", Resource: "resourcequotas", Namespace: arm.Namespace}))
	}
	need, err := c.together(c.sharing(arm))
	if err != nil {
		return unknown(err.Error(), "")
	}
	var checked, short []string
	for _, share := range capacity.Shares(quotas, need.target.Plus(need.load, 1), need.pod.Spec.PriorityClassName) {
		if share.Fits() {
			checked = append(checked, share.String())
		} else {
			short = append(short, share.String())
		}
	}
	switch {
	case len(short) > 0:
		return broken(strings.Join(short, "; "),
			fmt.Sprintf("raise the quota of namespace %s, or lower spec.load, spec.target or spec.factors.clients "+
				"in the experiment", arms.PlaceOf(arm)))
	case len(checked) == 0:
		return holds("namespace %s has no quota on what a run needs", arms.PlaceOf(arm))
	default:
		return holds("%s", strings.Join(checked, "; "))
	}
}
