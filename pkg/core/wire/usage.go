package wire

import "time"

// Usage is what a worker sees of its pod and its node at one instant. CPU times
// are counters: the use between two instants is their difference, so that a
// frame that is lost takes nothing with it.
type Usage struct {
	// At is the instant by the worker's own clock.
	At time.Time `json:"at"`
	// Since is when this worker began to count. Counters of workers that began
	// at different instants have no difference.
	Since      time.Time           `json:"since"`
	Containers []ContainerCounters `json:"containers,omitempty"`
	Node       *NodeCounters       `json:"node,omitempty"`
	// Served is what a target has served; nil of a load worker.
	Served *Served `json:"served,omitempty"`
	// Onward are its calls to the next target; nil of one that has none.
	Onward *Onward `json:"onward,omitempty"`
	// Hidden says why other containers are missing; empty if they are not.
	Hidden string `json:"hidden,omitempty"`
}

// ContainerCounters are those of one container of the worker's pod.
type ContainerCounters struct {
	// ID is the beginning of the container's id; empty for the worker's own.
	ID string `json:"id,omitempty"`
	// CPUNs is user plus system time in nanoseconds. UserMs and SystemMs are
	// counted in hundredths of seconds per process, so their sum is a little less.
	CPUNs    int64 `json:"cpuNs"`
	UserMs   int64 `json:"userMs"`
	SystemMs int64 `json:"systemMs"`
	RSSBytes int64 `json:"rssBytes"`
	// BusiestNs is the CPU time of the thread that used most of it since the
	// instant before: no counter. Nil where threads are not told apart.
	BusiestNs *int64 `json:"busiestNs,omitempty"`
	// LimitCores, Periods and Throttled are seen of the worker's own container only.
	LimitCores *float64 `json:"limitCores,omitempty"`
	Periods    *int64   `json:"periods,omitempty"`
	Throttled  *int64   `json:"throttled,omitempty"`
}

// NodeCounters are those of /proc/stat, in milliseconds summed over processors.
// User time includes that of nice processes.
type NodeCounters struct {
	// Machine names the running kernel: nodes with the same are one machine.
	Machine   string `json:"machine,omitempty"`
	CPUs      int    `json:"cpus"`
	UserMs    int64  `json:"userMs"`
	SystemMs  int64  `json:"systemMs"`
	IdleMs    int64  `json:"idleMs"`
	IOWaitMs  int64  `json:"ioWaitMs"`
	IRQMs     int64  `json:"irqMs"`
	SoftIRQMs int64  `json:"softIRQMs"`
	StealMs   int64  `json:"stealMs"`
	// PressureUs is the time in which some task waited for a processor; nil
	// where the kernel does not tell.
	PressureUs *int64 `json:"pressureUs,omitempty"`
}
