package v1alpha1

// Disturbance is what a run does to its own targets in the window of each trial:
// in every arm the same, to the pods of the same ordinals, at the same instant of
// the window. It touches no pod but those that the run made.
type Disturbance struct {
	// Kind is kill-target, restart-targets or scale-targets.
	Kind DisturbanceKind `json:"kind"`
	// At is how long after the window's start it begins. At least 2 seconds, which
	// say how it was before, and 3 seconds before the window's end.
	At Duration `json:"at"`
	// Replicas is the number of targets from then on, 1 to 64; scale-targets only.
	Replicas int `json:"replicas,omitempty"`
	// DrainDelay is how long a target that is asked to end goes on accepting requests,
	// telling clients meanwhile to leave, before it stops to accept and finishes what
	// is under way, as a preStop hook does. 0 (default) to 20 seconds; not of
	// kill-target.
	DrainDelay Duration `json:"drainDelay,omitzero"`
}

// DisturbanceKind says what is done.
type DisturbanceKind string

// The kinds of disturbances.
const (
	// DisturbKill deletes the target of the highest ordinal without grace, and makes
	// a new one at once, as a ReplicaSet does. It needs two replicas at least.
	DisturbKill DisturbanceKind = "kill-target"
	// DisturbRestart replaces all targets one after the other, by their ordinals: a
	// successor is made, and once it is ready its predecessor is deleted with grace.
	DisturbRestart DisturbanceKind = "restart-targets"
	// DisturbScale adds targets, or deletes those of the highest ordinals with grace.
	DisturbScale DisturbanceKind = "scale-targets"
)

// Disturbed is what was done to the targets in the window of a trial. Times are
// seconds from the start of the window, by the clock of the load pod as far as the
// plugin knows it.
type Disturbed struct {
	Kind DisturbanceKind `json:"kind"`
	// DueSeconds is when it was to begin.
	DueSeconds float64 `json:"dueSeconds"`
	// Steps are in the order in which they were begun.
	Steps []DisturbedPod `json:"steps"`
}

// DisturbedPod is one pod that was deleted or made.
type DisturbedPod struct {
	Pod     string `json:"pod"`
	Node    string `json:"node,omitempty"`
	Ordinal int    `json:"ordinal"`
	// Made is set of a pod that was made; else it was deleted.
	Made bool `json:"made,omitempty"`
	// AskedSeconds is when the API server was asked, and AnsweredSeconds when it had
	// answered.
	AskedSeconds    float64 `json:"askedSeconds"`
	AnsweredSeconds float64 `json:"answeredSeconds"`
	// GoneSeconds is when a deleted pod was seen to be gone, and ReadySeconds when one
	// that was made was seen to be ready. Absent where it was not seen.
	GoneSeconds  *float64 `json:"goneSeconds,omitempty"`
	ReadySeconds *float64 `json:"readySeconds,omitempty"`
}

// Continuity is how answers came through a window with a disturbance. Times are
// seconds from the start of the window by the load pod's own clock.
type Continuity struct {
	// Gaps are the longest times without any request answered as asked, from one
	// answer to the next and to the ends of the window, in the order of their
	// beginning. At most 256.
	Gaps []Gap `json:"gaps,omitempty"`
	// UnlistedSeconds is what no gap that is not listed is longer than.
	UnlistedSeconds float64 `json:"unlistedSeconds"`
	// Failed counts the failed requests that were due from the disturbance on, and
	// LastFailedSeconds is when the last of them was due; absent where none failed.
	Failed            int64    `json:"failed"`
	LastFailedSeconds *float64 `json:"lastFailedSeconds,omitempty"`
	// Held counts the requests, failed and unsent ones too, that were under way for
	// more than a second from when they were due.
	Held int64 `json:"held"`
	// CalmP99Seconds is the median of the 99th percentiles of the whole seconds before
	// the disturbance; absent where too few had one.
	CalmP99Seconds *float64 `json:"calmP99Seconds,omitempty"`
	// RecoveredSeconds is the start of the first of three seconds, from that of the
	// disturbance on, whose 99th percentiles are within twice that; of several load
	// pods, the latest of each one's. Absent where there was none.
	RecoveredSeconds *float64 `json:"recoveredSeconds,omitempty"`
}

// Gap is a time without an answer.
type Gap struct {
	FromSeconds float64 `json:"fromSeconds"`
	ToSeconds   float64 `json:"toSeconds"`
}

// Seconds is its length.
func (g Gap) Seconds() float64 { return g.ToSeconds - g.FromSeconds }
