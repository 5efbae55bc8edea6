package v1alpha1

import "time"

// Report is everything one run produced. It stands alone: it can be rendered
// and compared without the cluster, by a later version of the tool.
type Report struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Metadata   Metadata `json:"metadata"` // name: the run's id
	Run        Run      `json:"run"`
	// Experiments are resolved: no default is left to fill.
	Experiments []Experiment `json:"experiments"`
	Cluster     Cluster      `json:"cluster"`
	// OtherClusters are those of arms with a context of their own, in the order
	// in which arms name them.
	OtherClusters []Cluster `json:"otherClusters,omitempty"`
	// Arms are in the order of display; the baseline comes first.
	Arms []Arm `json:"arms"`
	// Idle is what containers and nodes used in a window without load, before
	// the first trial.
	Idle *IdleWindow `json:"idle,omitempty"`
	// IdleWindows are those before later rounds.
	IdleWindows []IdleWindow `json:"idleWindows,omitempty"`
	// Trials are in the order in which they ran, repeated ones included.
	Trials []Trial `json:"trials"`
	// Sessions are the stretches of time in which the usable trials ran: a run has
	// one, one that was resumed more than an hour later has two. Absent in reports of
	// releases that did not count them.
	Sessions []Session `json:"sessions,omitempty"`
	// Cells hold one summary per experiment, level and arm, also where there is no data.
	Cells       []Cell       `json:"cells"`
	Comparisons []Comparison `json:"comparisons"`
	Findings    []Finding    `json:"findings"`
	// Ceilings are what the cluster does without a mesh, for the levels that an
	// experiment with only the baseline has measured.
	Ceilings []Ceiling `json:"ceilings,omitempty"`
	// Searches hold one result per search, level and arm.
	Searches []SearchResult `json:"searches,omitempty"`
	// Verdicts hold one entry per objective, level and meshed arm.
	Verdicts []Verdict `json:"verdicts,omitempty"`
	// Precisions hold one entry per experiment whose rounds depend on how precise
	// they are.
	Precisions []Precision `json:"precisions,omitempty"`
	// Effects say what each factor does, where it has several values. They follow
	// from Cells and are computed whenever a report is written.
	Effects []Effect `json:"effects,omitempty"`
	// Slopes say what each further hop adds, where an experiment sweeps hops. They
	// follow from Cells as Effects do.
	Slopes []Slope `json:"slopes,omitempty"`
}

// Run identifies a run and the tool that made it.
type Run struct {
	ID         string    `json:"id"`
	StartedAt  time.Time `json:"startedAt"`
	FinishedAt time.Time `json:"finishedAt"`
	// Seed orders the trials.
	Seed int64 `json:"seed"`
	// Version of the plugin, and of the worker it required.
	Version string `json:"version"`
	// WorkerImage is the reference that was asked for; what really ran is in
	// each trial's pods.
	WorkerImage string `json:"workerImage"`
	// Interrupted is set when the run was stopped before its plan was done.
	Interrupted bool `json:"interrupted,omitempty"`
	// PlannedTrials is the number of trials of the plan. Of a search, whose
	// trials depend on each other, it counts those that were run.
	PlannedTrials int `json:"plannedTrials"`
}

// Session is a stretch of time in which trials ran, by their windows, without a break
// of more than an hour.
type Session struct {
	StartedAt time.Time `json:"startedAt"`
	EndedAt   time.Time `json:"endedAt"`
	// Trials is the number of usable trials.
	Trials int `json:"trials"`
}

// IdleWindow is a measurement with the targets deployed and no load.
type IdleWindow struct {
	// Experiment and Round are those that came next; empty in reports of releases
	// that measured one such window.
	Experiment string    `json:"experiment,omitempty"`
	Round      int       `json:"round,omitempty"`
	Window     Window    `json:"window"`
	Resources  Resources `json:"resources"`
}

// Cluster holds what could be read of the cluster. An empty string means the
// user may not read it.
type Cluster struct {
	Context       string `json:"context,omitempty"`
	ServerVersion string `json:"serverVersion,omitempty"`
	Nodes         []Node `json:"nodes,omitempty"`
}

// Node is a node that ran a pod of this run. Kernel, CPU and memory are those
// the worker itself saw; the rest is from the Node object where readable.
type Node struct {
	Name             string `json:"name"`
	Kernel           string `json:"kernel,omitempty"`
	Architecture     string `json:"architecture,omitempty"`
	CPUModel         string `json:"cpuModel,omitempty"`
	CPUs             int    `json:"cpus,omitempty"`
	MemoryBytes      int64  `json:"memoryBytes,omitempty"`
	ContainerRuntime string `json:"containerRuntime,omitempty"`
	Kubelet          string `json:"kubelet,omitempty"`
	Zone             string `json:"zone,omitempty"`
}

// Role is an arm's part in the comparison.
type Role string

// The roles.
const (
	RoleBaseline Role = "baseline"
	RoleMeshed   Role = "meshed"
	// RoleControl is the baseline a second time: what the two differ by is noise.
	RoleControl Role = "control"
)

// Arm is one configuration under test: a namespace and its mesh.
type Arm struct {
	// Name is unique in the report; the namespace's name unless annotated.
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
	// Context is the kubeconfig context of the arm's cluster, one of
	// OtherClusters; empty for the cluster of the run.
	Context string `json:"context,omitempty"`
	Role    Role   `json:"role"`
	// Mesh is the id of the mesh that targets are addressed as in: told by the
	// namespace's annotation, or recognised; empty if neither.
	Mesh string `json:"mesh,omitempty"`
	// DataPlane is what was found out about the mesh; nil where nobody looked.
	DataPlane *DataPlane `json:"dataPlane,omitempty"`
	// Target is the pod that served this arm's requests.
	Target *Pod `json:"target,omitempty"`
	// AllTargets are Target and the others of this arm, by their ordinals, and then the
	// further hops of its chains; empty where there is one.
	AllTargets []Pod `json:"targets,omitempty"`
	// Replaced are the targets before them, each of which was taken away while the
	// run lasted or was interrupted.
	Replaced []Replacement `json:"replaced,omitempty"`
	// Service is the user's that served this arm's requests; nil where a target did.
	Service *ServiceState `json:"service,omitempty"`
}

// Replacement is a target that was taken away while the run lasted.
type Replacement struct {
	// At is when that was noticed, and Node where the pod was, if that is known.
	At   time.Time `json:"at"`
	Node string    `json:"node,omitempty"`
	// Reason is why, in the words of the cluster where it says any.
	Reason string `json:"reason"`
	// Target is the name of the pod, if it was not the arm's first target.
	Target string `json:"target,omitempty"`
}

// Pod records a pod of ours as it really ran.
type Pod struct {
	Name       string      `json:"name"`
	Node       string      `json:"node,omitempty"`
	QOS        string      `json:"qos,omitempty"`
	Containers []Container `json:"containers,omitempty"`
	// Changed is what admission made of our own container. Empty where it made
	// nothing of it, and where it is not known what was asked for.
	Changed []Change `json:"changed,omitempty"`
	// Mesh is what the pod shows of a mesh; nil where nobody looked.
	Mesh *PodMesh `json:"mesh,omitempty"`
}

// Change is a part of our own container that is not as we asked for it.
type Change struct {
	// Field is such as image, env or limits.memory; of env the names are given.
	Field string `json:"field"`
	Asked string `json:"asked"`
	Given string `json:"given"`
}

// Container records one container, ours or injected, from the pod's status.
type Container struct {
	Name     string `json:"name"`
	Image    string `json:"image,omitempty"`
	ImageID  string `json:"imageID,omitempty"`
	Init     bool   `json:"init,omitempty"`
	Restarts int32  `json:"restarts,omitempty"`
	// Injected is set for containers that meshbench did not ask for.
	Injected bool `json:"injected,omitempty"`
}
