package mesh

import "github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"

// Kind is the kind of a mesh document.
const Kind = "Mesh"

// Document is a mesh as it is written down.
type Document struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	// Metadata.Name is the mesh's id, as in the annotation meshbench.dev/mesh.
	Metadata v1alpha1.Metadata `json:"metadata"`
	Spec     Mesh              `json:"spec"`
}

// Mesh is what is known of one service mesh.
type Mesh struct {
	// ID is the document's name.
	ID string `json:"-"`
	// Title is the name that people use.
	Title string `json:"title"`
	// Summary is a sentence or two about what decides a measurement.
	Summary      string       `json:"summary,omitempty"`
	Support      Support      `json:"support"`
	Architecture Architecture `json:"architecture,omitempty"`
	// Proxy names the data plane's program.
	Proxy     string    `json:"proxy,omitempty"`
	Lifecycle Lifecycle `json:"lifecycle"`
	Detect    Detect    `json:"detect,omitempty"`
	Versions  Versions  `json:"versions,omitempty"`
	// Variants are distributions and managed offers of it, and what is added to it.
	Variants []Variant  `json:"variants,omitempty"`
	Enrol    Enrolment  `json:"enrol,omitempty"`
	Pod      PodMarks   `json:"pod,omitempty"`
	Costs    []Cost     `json:"costs,omitempty"`
	Address  Addressing `json:"address,omitempty"`
	Proof    Proof      `json:"proof,omitempty"`
	Fairness Fairness   `json:"fairness,omitempty"`
	Avoid    Avoid      `json:"avoid,omitempty"`
	// Measured are the versions that meshbench was ever run on for real; without any,
	// all that is known of the mesh rests on its sources.
	Measured []Measurement `json:"measured,omitempty"`
	// Notes are sentences that a reader of results should know.
	Notes   []string `json:"notes,omitempty"`
	Sources []Source `json:"sources,omitempty"`
	// Unverified are the fields that were taken out because nobody has
	// verified them.
	Unverified []string `json:"-"`
}

// Support says what meshbench can do with a mesh.
type Support string

// The kinds of support.
const (
	// SupportMeasure: arms of this mesh can be measured.
	SupportMeasure Support = "measure"
	// SupportDetect: it is recognised, but a target in it cannot be addressed
	// without objects that meshbench does not create.
	SupportDetect Support = "detect"
	// SupportNamed: it appears in the survey only.
	SupportNamed Support = "named"
)

// Architecture says where the data plane runs.
type Architecture string

// The architectures.
const (
	// ArchitectureSidecar is one proxy in each pod.
	ArchitectureSidecar Architecture = "sidecar"
	// ArchitectureNode is one proxy on each node.
	ArchitectureNode Architecture = "node"
	// ArchitectureNodeWaypoint is a proxy for connections on each node, and
	// one for requests in pods of its own.
	ArchitectureNodeWaypoint Architecture = "node-and-waypoint"
	// ArchitectureKernelNode is the kernel for connections, and a proxy for
	// requests on each node.
	ArchitectureKernelNode Architecture = "kernel-and-node"
	// ArchitectureKernelWaypoint is the kernel for connections, and a proxy
	// for requests in pods of its own.
	ArchitectureKernelWaypoint Architecture = "kernel-and-waypoint"
	// ArchitectureAgent works within the application.
	ArchitectureAgent Architecture = "sidecar-and-agent"
	// ArchitectureApplication is a library or an agent within the application.
	ArchitectureApplication Architecture = "in-application"
	// ArchitectureNetwork is the cloud's network, outside of the cluster.
	ArchitectureNetwork Architecture = "network"
)

// PerPod reports whether pods in the mesh carry a container of it.
func (a Architecture) PerPod() bool {
	return a == ArchitectureSidecar || a == ArchitectureAgent
}

// Covers reports whether a mesh that is installed may have every pod on its data
// plane, without a mark on any.
func (a Architecture) Covers() bool {
	return !a.PerPod() && a != ArchitectureApplication && a != ArchitectureNetwork
}

// Lifecycle says whether a mesh is still being made.
type Lifecycle struct {
	State State `json:"state"`
	// Since is the day the state began, or will begin; empty if unknown.
	Since string `json:"since,omitempty"`
	// CNCF is graduated, incubating, sandbox, archived, or empty.
	CNCF string `json:"cncf,omitempty"`
	// LatestSeen is the newest version when the document was written.
	LatestSeen string `json:"latestSeen,omitempty"`
	Note       string `json:"note,omitempty"`
}

// State is the state of a project.
type State string

// The states.
const (
	StateMaintained   State = "maintained"
	StateUnmaintained State = "unmaintained"
	StateArchived     State = "archived"
	StateEnded        State = "ended"
	StateUnknown      State = "unknown"
)

// Detect is what shows in a cluster that a mesh is installed. All of it is
// optional to read: most users may not.
type Detect struct {
	Workloads []Workload `json:"workloads,omitempty"`
	Webhooks  []Webhook  `json:"webhooks,omitempty"`
	APIGroups []APIGroup `json:"apiGroups,omitempty"`
}

// Workload is a Deployment, DaemonSet or StatefulSet of a mesh.
type Workload struct {
	Kind string `json:"kind"`
	// Name may hold * for any characters; empty matches all names.
	Name   string            `json:"name,omitempty"`
	Labels map[string]string `json:"labels,omitempty"`
	Role   WorkloadRole      `json:"role"`
	// Optional workloads are parts of the mesh that prove nothing alone.
	Optional bool `json:"optional,omitempty"`
}

// WorkloadRole is a workload's part in a mesh.
type WorkloadRole string

// The roles.
const (
	RoleControlPlane WorkloadRole = "control-plane"
	RoleNode         WorkloadRole = "node"
	RoleWaypoint     WorkloadRole = "waypoint"
)

// Webhook is a MutatingWebhookConfiguration of a mesh.
type Webhook struct {
	// Name may hold * for any characters; empty matches all names.
	Name   string            `json:"name,omitempty"`
	Labels map[string]string `json:"labels,omitempty"`
	// Webhook is the name of a webhook within the configuration.
	Webhook string `json:"webhook,omitempty"`
	// FailsOpen is set where, by default, a pod is created without a proxy
	// when the webhook does not answer.
	FailsOpen bool `json:"failsOpen,omitempty"`
}

// APIGroup is a group of a mesh's custom resources.
type APIGroup struct {
	Name string `json:"name"`
	// Shared groups belong to other meshes too, and prove nothing alone.
	Shared bool `json:"shared,omitempty"`
}

// Versions say where a mesh's versions can be read.
type Versions struct {
	ControlPlane []VersionSource `json:"controlPlane,omitempty"`
	DataPlane    []VersionSource `json:"dataPlane,omitempty"`
}

// VersionSource is one place; exactly one field is set. The first place that
// holds a version counts.
type VersionSource struct {
	// Image is a container whose image tag is the version.
	Image string `json:"image,omitempty"`
	// Label and Annotation hold the version as their value.
	Label      string `json:"label,omitempty"`
	Annotation string `json:"annotation,omitempty"`
}

// PodMarks show on a pod of ours that it is in the mesh.
type PodMarks struct {
	// Proxies are containers of the data plane, classic or native sidecars.
	Proxies []string `json:"proxies,omitempty"`
	// Setup are init containers that prepare the pod and then end.
	Setup []string `json:"setup,omitempty"`
	// Marks are labels and annotations that the mesh puts on its pods; each
	// entry alone is proof.
	Marks []Marks `json:"marks,omitempty"`
	// SwitchedOff are labels and annotations of a pod whose proxy takes no requests: each
	// entry alone says so.
	SwitchedOff []Marks `json:"switchedOff,omitempty"`
	// Bypass is where pods say which of their traffic goes around the proxy.
	Bypass []Bypass `json:"bypass,omitempty"`
}

// Cost is a container that works for the mesh.
type Cost struct {
	// Sides where it stands on a request's way: client and server for
	// containers beside the worker.
	Sides []v1alpha1.Side `json:"sides"`
	Part  v1alpha1.Part   `json:"part"`
	// Kind and Labels select the pods, in any namespace; both are empty for
	// containers beside the worker.
	Kind   string            `json:"kind,omitempty"`
	Labels map[string]string `json:"labels,omitempty"`
	// LabelKeys must exist, with any value.
	LabelKeys []string `json:"labelKeys,omitempty"`
	// Container is empty for all containers of the pods.
	Container string `json:"container,omitempty"`
	// OffPath is set where no request passes it: it sets pods up.
	OffPath bool   `json:"offPath,omitempty"`
	Note    string `json:"note,omitempty"`
}

// InPod reports whether the container stands beside the worker.
func (c Cost) InPod() bool {
	return len(c.Sides) > 0 && (c.Sides[0] == v1alpha1.SideClient || c.Sides[0] == v1alpha1.SideServer)
}

// Avoid is what pods of ours must not use, because the mesh does.
type Avoid struct {
	UIDs  []int64 `json:"uids,omitempty"`
	Ports []Ports `json:"ports,omitempty"`
}

// Ports is a port, or a range of them.
type Ports struct {
	From int32 `json:"from"`
	To   int32 `json:"to,omitempty"`
}

// Holds reports whether a port is one of them.
func (p Ports) Holds(port int32) bool { return port == p.From || port > p.From && port <= p.To }
