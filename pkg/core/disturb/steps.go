package disturb

import (
	"fmt"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Say puts a disturbance in words: "kill-target at 20s of the window".
func Say(d v1alpha1.Disturbance) string {
	text := string(d.Kind)
	if d.Kind == v1alpha1.DisturbScale {
		text += fmt.Sprintf(" to %d", d.Replicas)
	}
	text += fmt.Sprintf(" at %s of the window", d.At.Duration)
	if d.DrainDelay.Duration > 0 {
		text += fmt.Sprintf(", %s of drain", d.DrainDelay.Duration)
	}
	return text
}

// Step deletes or makes one target.
type Step struct {
	// Ordinal is that of the target. One that is made above those that the level has is
	// a further one.
	Ordinal int
	// Make makes a pod; else one is deleted. Beside makes it while its predecessor of
	// the same ordinal is still there.
	Make, Beside bool
	// Now deletes without grace.
	Now bool
	// Await waits until what was made is ready before the next step.
	Await bool
}

// Steps are what a disturbance does to so many targets, in order. The same in every arm.
func Steps(d v1alpha1.Disturbance, replicas int) []Step {
	var all []Step
	switch d.Kind {
	case v1alpha1.DisturbKill:
		last := replicas - 1
		all = append(all, Step{Ordinal: last, Now: true}, Step{Ordinal: last, Make: true})
	case v1alpha1.DisturbRestart:
		for i := range replicas {
			all = append(all, Step{Ordinal: i, Make: true, Beside: true, Await: true}, Step{Ordinal: i})
		}
	case v1alpha1.DisturbScale:
		for i := replicas; i < d.Replicas; i++ {
			all = append(all, Step{Ordinal: i, Make: true})
		}
		for i := replicas - 1; i >= d.Replicas; i-- {
			all = append(all, Step{Ordinal: i})
		}
	}
	return all
}

// MostSurge is how many targets more than its levels have an arm has for a while, at
// most, where experiments disturb them.
func MostSurge(experiments []v1alpha1.Experiment) int {
	most := 0
	for _, e := range experiments {
		d := e.Spec.Disturbance
		if d == nil {
			continue
		}
		for _, replicas := range e.Spec.Factors.Replicas {
			switch d.Kind {
			case v1alpha1.DisturbRestart:
				most = max(most, replicas) // those that end take their time
			case v1alpha1.DisturbScale:
				most = max(most, d.Replicas-replicas)
			}
		}
	}
	return most
}

// Drain is for how long the targets of a run go on to accept when they are asked to
// end, before they finish what is under way; nil for targets that end at once. The
// experiments of a run agree on it, see [Agree].
func Drain(experiments []v1alpha1.Experiment) *time.Duration {
	for _, e := range experiments {
		if d := e.Spec.Disturbance; d != nil && d.Kind != v1alpha1.DisturbKill {
			return &d.DrainDelay.Duration
		}
	}
	return nil
}

// Agree reports whether experiments can share their targets: all targets of a run end
// in the same way, and one that is killed must not drain.
func Agree(experiments []v1alpha1.Experiment) bool {
	type way struct {
		drains bool
		delay  time.Duration
	}
	var ways []way
	for _, e := range experiments {
		if d := e.Spec.Disturbance; d != nil {
			ways = append(ways, way{d.Kind != v1alpha1.DisturbKill, d.DrainDelay.Duration})
		}
	}
	for _, w := range ways {
		if w != ways[0] {
			return false
		}
	}
	return true
}
