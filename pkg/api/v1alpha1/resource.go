package v1alpha1

import "slices"

// Resources is what containers and nodes used over one window.
type Resources struct {
	// Containers has one entry per container and source that saw it.
	Containers []ContainerUsage `json:"containers,omitempty"`
	Nodes      []NodeUsage      `json:"nodes,omitempty"`
	// Sources names every source that was tried, the best first.
	Sources []ResourceSource `json:"sources,omitempty"`
}

// JoinResources adds more to what is known of a window; both may be of other
// sources. That one source has no figure of what another one measured is said
// by its entry in Sources, not again for each container and node. Neither is
// changed.
func JoinResources(known *Resources, more Resources) *Resources {
	if known == nil {
		return &more
	}
	containers := slices.DeleteFunc(slices.Clone(more.Containers), func(c ContainerUsage) bool {
		return c.Missing != "" && slices.ContainsFunc(known.Containers, func(k ContainerUsage) bool {
			return k.Missing == "" && k.Namespace == c.Namespace && k.Pod == c.Pod && k.Container == c.Container
		})
	})
	nodes := slices.DeleteFunc(slices.Clone(more.Nodes), func(n NodeUsage) bool {
		return n.Missing != "" &&
			slices.ContainsFunc(known.Nodes, func(k NodeUsage) bool { return k.Missing == "" && k.Node == n.Node })
	})
	return &Resources{
		Containers: slices.Concat(known.Containers, containers),
		Nodes:      slices.Concat(known.Nodes, nodes),
		Sources:    slices.Concat(known.Sources, more.Sources),
	}
}

// SourceName says where a figure about resources comes from.
type SourceName string

// The sources, the best first.
const (
	// SourceInPod is the worker's own look at /proc from within the pod.
	SourceInPod SourceName = "in-pod"
	// SourceCAdvisor is the kubelet's /metrics/cadvisor through nodes/proxy.
	SourceCAdvisor SourceName = "cadvisor"
	// SourcePrometheus is a Prometheus server that scrapes the kubelets.
	SourcePrometheus SourceName = "prometheus"
	// SourceMetricsAPI is metrics.k8s.io: coarse, a last resort.
	SourceMetricsAPI SourceName = "metrics.k8s.io"
)

// ResourceSource says what became of a source.
type ResourceSource struct {
	Name SourceName `json:"name"`
	// Missing says why the source gave nothing; empty if it was used.
	Missing string `json:"missing,omitempty"`
	// ResolutionSeconds is the usual distance of its samples.
	ResolutionSeconds *float64 `json:"resolutionSeconds,omitempty"`
	// Queries are what a Prometheus was asked, as it was asked.
	Queries []string `json:"queries,omitempty"`
}

// Side says where on a request's way a container stands.
type Side string

// The sides.
const (
	// SideClient and SideServer are load pods and target pods.
	SideClient Side = "client"
	SideServer Side = "server"
	// SideNode are proxies that all pods of a node share.
	SideNode Side = "node"
	// SideWaypoint are proxies in pods of their own.
	SideWaypoint Side = "waypoint"
	// SideControlPlane is what configures proxies and carries no request.
	SideControlPlane Side = "control-plane"
	// SideOther are other tenants of the nodes.
	SideOther Side = "other"
)

// Part says what a container does on its side.
type Part string

// The parts.
const (
	// PartApplication is the worker: load or echo.
	PartApplication Part = "application"
	// PartProxy belongs to the mesh's data plane.
	PartProxy Part = "proxy"
	// PartControl belongs to the mesh's control plane.
	PartControl Part = "control"
	// PartOther belongs to neither.
	PartOther Part = "other"
)

// ContainerUsage is what one container used over a window, by one source.
type ContainerUsage struct {
	Namespace string `json:"namespace"`
	Pod       string `json:"pod"`
	Container string `json:"container"`
	Node      string `json:"node,omitempty"`
	Side      Side   `json:"side"`
	Part      Part   `json:"part"`
	// Source is the one these figures come from.
	Source SourceName `json:"source"`
	// Missing says why nothing was measured; empty if something was.
	Missing string `json:"missing,omitempty"`
	// CPUSeconds is user plus system time within the window. UserSeconds and
	// SystemSeconds are nil where the source does not tell them apart.
	CPUSeconds    *float64 `json:"cpuSeconds,omitempty"`
	UserSeconds   *float64 `json:"userSeconds,omitempty"`
	SystemSeconds *float64 `json:"systemSeconds,omitempty"`
	// CoveredSeconds is the part of the window that CPUSeconds was measured
	// over, by the source's own timestamps.
	CoveredSeconds float64 `json:"coveredSeconds,omitempty"`
	// CPUErrorSeconds bounds the error of CPUSeconds that comes from samples
	// not falling on the window's edges: a counter is taken to grow evenly
	// between two samples. Nil where samples are the source's own of the window.
	CPUErrorSeconds *float64 `json:"cpuErrorSeconds,omitempty"`
	// MemoryBytes are the mean and the most over the window: the working set,
	// or, in-pod, the resident set.
	MemoryMeanBytes *float64 `json:"memoryMeanBytes,omitempty"`
	MemoryMaxBytes  *int64   `json:"memoryMaxBytes,omitempty"`
	// CPULimitCores is nil where there is no limit, or none to be seen.
	CPULimitCores *float64 `json:"cpuLimitCores,omitempty"`
	// ThrottledPeriods and Periods count CFS enforcement periods in the window.
	ThrottledPeriods *int64 `json:"throttledPeriods,omitempty"`
	Periods          *int64 `json:"periods,omitempty"`
	// BusiestThreadCores is the use of the thread that was busiest in each
	// sample, averaged over the samples: a program with one thread cannot use
	// more than one core, whatever its limit.
	BusiestThreadCores *float64 `json:"busiestThreadCores,omitempty"`
	// Restarted is set if the container was restarted in the window.
	Restarted bool `json:"restarted,omitempty"`
	// Series is nil where the source gives totals only.
	Series *UsageSeries `json:"series,omitempty"`
}

// UsageSeries holds samples as columns of equal length.
type UsageSeries struct {
	// OffsetSeconds is each sample's time from the start of the window, by the
	// source's own clock.
	OffsetSeconds []float64 `json:"offsetSeconds"`
	// CPUCores is the mean use since the sample before.
	CPUCores []float64 `json:"cpuCores,omitempty"`
	// MemoryBytes is the working set, or the resident set.
	MemoryBytes []int64 `json:"memoryBytes,omitempty"`
}

// NodeUsage is what a whole node did over a window. Seconds are summed over its
// processors. A nil pointer means that the source does not tell.
type NodeUsage struct {
	Node   string     `json:"node"`
	Source SourceName `json:"source"`
	// Missing says why nothing was measured; empty if something was.
	Missing string `json:"missing,omitempty"`
	// Machine names the kernel that ran: nodes with the same are containers on
	// one machine, and their figures are those of all of it. Empty if hidden.
	Machine string `json:"machine,omitempty"`
	CPUs    int    `json:"cpus,omitempty"`
	// CPUSeconds is all but idle, I/O wait and steal.
	CPUSeconds *float64 `json:"cpuSeconds,omitempty"`
	// The modes of /proc/stat.
	UserSeconds    *float64 `json:"userSeconds,omitempty"`
	SystemSeconds  *float64 `json:"systemSeconds,omitempty"`
	SoftIRQSeconds *float64 `json:"softIRQSeconds,omitempty"`
	IRQSeconds     *float64 `json:"irqSeconds,omitempty"`
	StealSeconds   *float64 `json:"stealSeconds,omitempty"`
	IOWaitSeconds  *float64 `json:"ioWaitSeconds,omitempty"`
	IdleSeconds    *float64 `json:"idleSeconds,omitempty"`
	// CPUPressureRatio is the share of the window in which some task waited for
	// a processor, 0 to 1 (PSI "some").
	CPUPressureRatio *float64 `json:"cpuPressureRatio,omitempty"`
	// CoveredSeconds is the part of the window that was measured.
	CoveredSeconds float64 `json:"coveredSeconds,omitempty"`
	// ClockOffsetSeconds is how far the node's clock is ahead of ours, less the
	// shortest time that a sample took to reach us; nil where no sample came live.
	ClockOffsetSeconds *float64 `json:"clockOffsetSeconds,omitempty"`
	// CPUErrorSeconds is as for a container.
	CPUErrorSeconds *float64 `json:"cpuErrorSeconds,omitempty"`
	// Series is of CPUSeconds.
	Series *UsageSeries `json:"series,omitempty"`
}
