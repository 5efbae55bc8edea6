package report_test

import (
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

func TestSessionsAreCountedFromWindows(t *testing.T) {
	begun := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	at := func(after, long time.Duration) v1alpha1.Trial {
		return v1alpha1.Trial{Status: v1alpha1.TrialCompleted, Load: &v1alpha1.LoadResult{},
			Window: &v1alpha1.Window{StartedAt: begun.Add(after), EndedAt: begun.Add(after + long), Seconds: long.Seconds()}}
	}
	void, timeless := at(100*time.Hour, time.Minute), at(0, time.Minute)
	void.Status = v1alpha1.TrialVoid
	timeless.Window.StartedAt, timeless.Window.EndedAt = time.Time{}, time.Time{}
	for name, c := range map[string]struct {
		trials []v1alpha1.Trial
		want   []int
	}{
		"none":                {nil, nil},
		"one after the other": {[]v1alpha1.Trial{at(time.Minute, time.Minute), at(0, time.Minute)}, []int{2}},
		"an hour apart":       {[]v1alpha1.Trial{at(0, time.Minute), at(time.Hour+time.Minute, time.Minute)}, []int{2}},
		"more than that":      {[]v1alpha1.Trial{at(0, time.Minute), at(time.Hour+61*time.Second, time.Minute)}, []int{1, 1}},
		"long windows": {[]v1alpha1.Trial{at(0, 3*time.Hour), at(time.Minute, time.Minute), at(3*time.Hour, time.Minute)},
			[]int{3}},
		"six days later": {[]v1alpha1.Trial{at(0, time.Minute), at(144*time.Hour, time.Minute), at(145*time.Hour, 1)},
			[]int{1, 2}},
		"no result, no clock": {[]v1alpha1.Trial{at(0, time.Minute), void, timeless}, []int{1}},
	} {
		got := report.Sessions(c.trials)
		if len(got) != len(c.want) {
			t.Errorf("%s: %+v, want %v", name, got, c.want)
			continue
		}
		for i, s := range got {
			if s.Trials != c.want[i] || s.EndedAt.Before(s.StartedAt) {
				t.Errorf("%s: session %d is %+v, want %d trials", name, i+1, s, c.want[i])
			}
		}
	}
}
