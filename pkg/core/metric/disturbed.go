package metric

import (
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/disturb"
)

// disturbed lists the metrics of what a disturbance does. They are 0 often enough
// that arms are compared by differences alone.
func disturbed() []Metric {
	all := []Metric{
		{Name: v1alpha1.MetricFailed, Unit: v1alpha1.UnitRequests, Column: "FAILED", Label: "failed requests",
			Title: "Failed requests", LeastChange: 1, trial: failedRequests},
		{Name: v1alpha1.MetricLongestGap, Unit: v1alpha1.UnitSeconds, Column: "GAP", Label: "longest gap",
			Title: "Longest time without an answer", LeastChange: 0.05, trial: longestGap, bound: gapIsOpen},
		{Name: v1alpha1.MetricFailingTime, Unit: v1alpha1.UnitSeconds, Column: "FAILING", Label: "failing time",
			Title: "From the disturbance to the last failure", LeastChange: 0.1, trial: failingTime},
		{Name: v1alpha1.MetricRecovery, Unit: v1alpha1.UnitSeconds, Column: "RECOVERY", Label: "recovery",
			Title: "From the disturbance until p99 is back", LeastChange: 1, trial: recovery, bound: neverBack},
		{Name: v1alpha1.MetricHeld, Unit: v1alpha1.UnitRequests, Column: "HELD", Label: "held > 1 s",
			Title: "Requests held for more than a second", LeastChange: 1, trial: heldRequests},
	}
	for i := range all {
		m := &all[i]
		m.Objective, m.Shown, m.Judged = string(m.Name), InTable, true
		m.Disturbed, m.Unknown = true, "nothing was disturbed"
	}
	return all
}

// through is what a trial saw of a disturbance.
func through(t v1alpha1.Trial) (*v1alpha1.Continuity, float64, bool) {
	if t.Disturbed == nil || t.Load == nil || t.Load.Continuity == nil || t.Window == nil {
		return nil, 0, false
	}
	return t.Load.Continuity, t.Disturbed.DueSeconds, true
}

func failedRequests(t v1alpha1.Trial) (float64, bool) {
	_, _, ok := through(t)
	if !ok {
		return 0, false
	}
	return float64(t.Load.Failed()), true
}

func longestGap(t v1alpha1.Trial) (float64, bool) {
	c, _, ok := through(t)
	if !ok {
		return 0, false
	}
	v, _ := disturb.LongestGap(*c, t.Window.Seconds)
	return v, true
}

func gapIsOpen(t v1alpha1.Trial) bool {
	c, _, ok := through(t)
	if !ok {
		return false
	}
	_, open := disturb.LongestGap(*c, t.Window.Seconds)
	return open
}

func failingTime(t v1alpha1.Trial) (float64, bool) {
	c, at, ok := through(t)
	if !ok || c.LastFailedSeconds == nil {
		return 0, ok
	}
	return max(0, *c.LastFailedSeconds-at), true
}

// recovery is, where the percentile never came back, all that was left of the window.
func recovery(t v1alpha1.Trial) (float64, bool) {
	c, at, ok := through(t)
	switch {
	case !ok || c.CalmP99Seconds == nil:
		return 0, false
	case c.RecoveredSeconds == nil:
		return t.Window.Seconds - at, true
	}
	return max(0, *c.RecoveredSeconds-at), true
}

func neverBack(t v1alpha1.Trial) bool {
	c, _, ok := through(t)
	return ok && c.CalmP99Seconds != nil && c.RecoveredSeconds == nil
}

func heldRequests(t v1alpha1.Trial) (float64, bool) {
	c, _, ok := through(t)
	if !ok {
		return 0, false
	}
	return float64(c.Held), true
}
