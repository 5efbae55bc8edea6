package report

import (
	"slices"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// SessionGap is the time without a window after which trials are of another session:
// neighbours, caches and machines may be others by then.
const SessionGap = time.Hour

// Sessions are the stretches of time in which usable trials ran, by their windows. A
// run has one; one that was resumed later, or several runs together, have more.
func Sessions(trials []v1alpha1.Trial) []v1alpha1.Session {
	var windows []v1alpha1.Window
	for _, t := range trials {
		if t.Usable() && !t.Window.StartedAt.IsZero() {
			windows = append(windows, *t.Window)
		}
	}
	slices.SortFunc(windows, func(a, b v1alpha1.Window) int { return a.StartedAt.Compare(b.StartedAt) })
	var all []v1alpha1.Session
	for _, w := range windows {
		last := len(all) - 1
		if last < 0 || w.StartedAt.Sub(all[last].EndedAt) > SessionGap {
			all = append(all, v1alpha1.Session{StartedAt: w.StartedAt, EndedAt: w.EndedAt, Trials: 1})
			continue
		}
		all[last].Trials++
		if w.EndedAt.After(all[last].EndedAt) {
			all[last].EndedAt = w.EndedAt
		}
	}
	return all
}
