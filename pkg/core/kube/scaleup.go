package kube

import (
	"slices"
	"time"
)

// Event is what somebody said of an object.
type Event struct {
	Reason, Message string
	// From is the component that said it, and At when it last did.
	From string
	At   time.Time
}

// ScaleUp is what autoscalers do about a pod that no node takes.
type ScaleUp int

// What they may do.
const (
	// ScaleUpNone: nothing is known of any.
	ScaleUpNone ScaleUp = iota
	// ScaleUpComing: a node is on its way.
	ScaleUpComing
	// ScaleUpFailed: one was, and did not come.
	ScaleUpFailed
	// ScaleUpRefused: no node would help, or none may be added.
	ScaleUpRefused
)

// scaleUps are the reasons of events on pods: those of the cluster autoscaler
// (core/scaleup and its processors; FailedScaleUp is GKE's), and Karpenter's,
// which is EKS Auto Mode too (scheduling/events.go).
func scaleUps() map[string]ScaleUp {
	return map[string]ScaleUp{
		"TriggeredScaleUp":  ScaleUpComing,
		"NotTriggerScaleUp": ScaleUpRefused,
		"FailedScaleUp":     ScaleUpFailed,
		"Nominated":         ScaleUpComing,
	}
}

// ScaleUpOf reads events on one pod: the last word of an autoscaler counts.
func ScaleUpOf(events []Event) (ScaleUp, Event) {
	sorted := slices.Clone(events)
	slices.SortStableFunc(sorted, func(a, b Event) int { return a.At.Compare(b.At) })
	known := scaleUps()
	for _, e := range slices.Backward(sorted) {
		if what, ok := known[e.Reason]; ok {
			return what, e
		}
	}
	return ScaleUpNone, Event{}
}
