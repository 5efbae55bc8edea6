package preflight

import (
	"context"
	"fmt"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// notInjected holds if a baseline's pods come back from admission as they were.
func (c *checker) notInjected(_ context.Context, _ Cluster, arm v1alpha1.Arm) Result {
	pods := c.accepted[arm.Name]
	if len(pods) == 0 {
		return unknown("no pod came back from admission", "")
	}
	for _, pod := range pods {
		if a := additionsTo(pod); a.runs() || len(a.init) > 0 {
			return broken(fmt.Sprintf("the %s pod came back with %s: a baseline with a proxy is none", component(pod), a),
				fmt.Sprintf("opt namespace %s out of that mesh (`kubectl meshbench init` shows how for each), or use another namespace", placeOf(arm)))
		}
	}
	return holds("the dry-run pods came back without any container but ours")
}

// injected looks at what admission made of a meshed arm's pods.
func (c *checker) injected(_ context.Context, _ Cluster, arm v1alpha1.Arm) Result {
	pods := c.accepted[arm.Name]
	if len(pods) == 0 {
		return unknown("no pod came back from admission", "")
	}
	for _, pod := range pods {
		if a := additionsTo(pod); !a.runs() {
			return unknown(fmt.Sprintf("the %s pod came back with %s: right for a mesh without sidecars, wrong for any other", component(pod), a),
				fmt.Sprintf("see how namespace %s is enrolled, and which mesh it is: annotation %s names it", placeOf(arm), v1alpha1.AnnotationMesh))
		}
	}
	return holds("the dry-run pods came back with %s", additionsTo(pods[0]))
}
