// Package workload builds the Kubernetes objects of a run: per arm an owner, a
// Service and a target pod, and per trial its load pods. It is pure. Every pod
// satisfies the Pod Security level 'restricted' by construction.
package workload

// ContainerName is the name of the worker's container in every pod of ours. All
// other containers were injected.
const ContainerName = "meshbench"

// FieldManager is the name under which meshbench applies objects.
const FieldManager = "kubectl-meshbench"

const (
	componentOwner  = "owner"
	componentTarget = "target"
	componentHop    = "hop"
	componentLoad   = "load"

	labelName      = "app.kubernetes.io/name"
	labelInstance  = "app.kubernetes.io/instance"
	labelComponent = "app.kubernetes.io/component"
	labelManagedBy = "app.kubernetes.io/managed-by"
)
