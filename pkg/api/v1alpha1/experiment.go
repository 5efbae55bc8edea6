package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Experiment says what to measure and how often. The built-in experiments are
// documents of this kind, and so is what `run -f` reads.
type Experiment struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Metadata   Metadata       `json:"metadata"`
	Spec       ExperimentSpec `json:"spec"`
}

// Metadata names a document.
type Metadata struct {
	// Name is a DNS label: lower-case letters, digits and dashes.
	Name string `json:"name"`
}

// ExperimentSpec is the body of an Experiment.
type ExperimentSpec struct {
	// Question is the sentence the experiment answers; shown by `list`.
	Question string `json:"question,omitempty"`
	// Factors are what is varied. Every combination of their values is a level.
	Factors Factors `json:"factors,omitempty"`
	// Schedule says how often and for how long each level is measured.
	Schedule Schedule `json:"schedule,omitempty"`
	// Load sizes the load pods.
	Load PodSize `json:"load,omitempty"`
	// Target sizes the target pod of each arm, or names a Service of the user's
	// that is called instead.
	Target Target `json:"target,omitempty"`
	// Arms take part: all (default), or only the baseline, for what the cluster
	// can do without any mesh.
	Arms ArmSet `json:"arms,omitempty"`
	// Nodes pin pods by the name of their node. Together they decide the
	// placement, which may then be left out.
	Nodes *Nodes `json:"nodes,omitempty"`
	// Pods are what the pods carry beside what every run gives them. All
	// experiments of one run must agree on it.
	Pods *Pods `json:"pods,omitempty"`
	// Search makes the experiment look for the highest rate that keeps an
	// objective. It chooses the rates itself, so the factor rate is left out.
	Search *Search `json:"search,omitempty"`
	// Disturbance is done to the targets in every window; none if absent.
	Disturbance *Disturbance `json:"disturbance,omitempty"`
	// SLOs are what every meshed arm must keep at every level, such as
	// "p99 < 20ms", "p99 < baseline * 1.3" or "rps > 0.8 * baseline". None where
	// only the baseline takes part.
	SLOs []string `json:"slos,omitempty"`
}

// Schedule is the design of the experiment in time.
type Schedule struct {
	// Profile gives rounds, duration and warm-up their defaults.
	Profile Profile `json:"profile,omitempty"`
	// Rounds is how often every arm runs every level. 1 to 1,000; an interval needs 4.
	Rounds int `json:"rounds,omitempty"`
	// Precision adds rounds until the interval of the ratios that matter (throughput
	// of a closed loop, p99 of a schedule, of every arm at every level) is no wider
	// than this share to either side, or Rounds is reached, which is 30 then if
	// absent: 0.05 is a factor of 1.05. 0.005 to 1; 0 (default) runs all Rounds.
	Precision float64 `json:"precision,omitempty"`
	// Duration is the length of one trial's measurement window. 1 second to 24 hours.
	Duration Duration `json:"duration,omitempty"`
	// Warmup is the time of unrecorded load before each window. 0 to 1 hour.
	Warmup *Duration `json:"warmup,omitempty"`
	// RequestTimeout ends a request that is not answered. 1 millisecond to 60 seconds, default 10 s.
	RequestTimeout Duration `json:"requestTimeout,omitempty"`
	// Seed orders the trials within each round. Chosen and recorded by the plugin if absent.
	Seed *int64 `json:"seed,omitempty"`
	// Repeats is how often a trial without a usable result is tried again. 0 to 10, default 2.
	Repeats *int `json:"repeats,omitempty"`
}

// ArmSet says which arms take part in an experiment.
type ArmSet string

// The sets of arms.
const (
	ArmsAll      ArmSet = "all"
	ArmsBaseline ArmSet = "baseline"
)

// Includes reports whether arms of that role take part.
func (s ArmSet) Includes(r Role) bool { return s != ArmsBaseline || r == RoleBaseline }

// Nodes name the nodes that pods are pinned to; empty leaves the choice to the
// scheduler.
type Nodes struct {
	// Load is the node of all load pods.
	Load string `json:"load,omitempty"`
	// Target is the node of all target pods.
	Target string `json:"target,omitempty"`
}

// Search looks for the highest rate at which an objective still holds: it
// brackets it, bisects the bracket, and confirms both ends by repeated trials.
type Search struct {
	// SLO must hold in a trial, such as "p99 < 20ms": an upper bound that does not
	// refer to the baseline, because every arm is searched on its own.
	SLO string `json:"slo"`
	// Low is where the search begins, in requests per second, and the lowest rate
	// that is tried. If absent, it begins at an eighth of the highest rate and
	// goes lower if need be.
	Low Rate `json:"low,omitempty"`
	// High is the highest rate that is tried, in requests per second. If absent,
	// a closed-loop trial per arm finds what the arm can do at all.
	High Rate `json:"high,omitempty"`
	// Resolution is how far apart the two ends of the result may be, as a share
	// of the lower one. 0.005 to 1, default 0.05.
	Resolution float64 `json:"resolution,omitempty"`
	// Confirmations is how many trials must agree before a rate counts as
	// confirmed; the first outcome to reach that number wins. 1 to 20, default 3.
	Confirmations int `json:"confirmations,omitempty"`
	// MaxTrials bounds the trials of each arm at each level. 4 to 1,000, default 40.
	MaxTrials int `json:"maxTrials,omitempty"`
}

// PodSize is what a pod of ours asks of its node. The memory request equals
// its limit, so the pod is never evicted for using what it was promised.
type PodSize struct {
	CPURequest *Quantity `json:"cpuRequest,omitempty"`
	CPULimit   *Quantity `json:"cpuLimit,omitempty"`
	Memory     *Quantity `json:"memory,omitempty"`
}

// Duration is a length of time, written as in Go: "30s", "1m30s".
type Duration = metav1.Duration

// Protocol is what load and target speak.
type Protocol string

// The protocols.
const (
	ProtocolHTTP1 Protocol = "http1"
	ProtocolH2C   Protocol = "h2c"
	ProtocolGRPC  Protocol = "grpc"
)

// Placement says where load pods run relative to target pods.
type Placement string

// The placements.
const (
	PlacementCrossNode Placement = "cross-node"
	PlacementSameNode  Placement = "same-node"
	// PlacementAny leaves load pods to the scheduler: it is that of runs without
	// targets of their own.
	PlacementAny Placement = "any"
)

// Profile is a named set of rounds, duration and warm-up.
type Profile string

// The profiles. ProfileThesis repeats the schedule of the 2022 thesis.
const (
	ProfileQuick    Profile = "quick"
	ProfileStandard Profile = "standard"
	ProfileThesis   Profile = "thesis"
)
