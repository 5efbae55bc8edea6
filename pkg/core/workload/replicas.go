package workload

import (
	"slices"
	"strconv"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// labelBehind is what the Service of so many targets selects by. Labels are
// compared for being equal only, so a target has one for each Service that it is
// behind.
func labelBehind(replicas int) string { return v1alpha1.Group + "/behind-" + strconv.Itoa(replicas) }

// mostReplicas is how many targets an arm has.
func (r Run) mostReplicas() int {
	if r.Service != nil {
		return 0
	}
	if len(r.Replicas) == 0 {
		return 1
	}
	return slices.Max(r.Replicas)
}

// replicas are the numbers of targets that Services are made for.
func (r Run) replicas() []int {
	if r.Service != nil {
		return nil
	}
	if len(r.Replicas) == 0 {
		return []int{1}
	}
	return r.Replicas
}

// sweepsReplicas reports whether levels differ in their number of targets. Only then
// do Services and targets need to tell them apart.
func (r Run) sweepsReplicas() bool { return len(r.Replicas) > 1 }

// replicaLabels puts a target behind the Services of all levels that have it.
func (r Run) replicaLabels(into map[string]string, ordinal int) {
	for _, n := range r.Replicas {
		if r.sweepsReplicas() && ordinal < n {
			into[labelBehind(n)] = "true"
		}
	}
}

// replicaSuffix tells the names of a target's Services apart.
func (r Run) replicaSuffix(replicas int) string {
	if !r.sweepsReplicas() {
		return ""
	}
	return "-of-" + strconv.Itoa(max(replicas, 1))
}
