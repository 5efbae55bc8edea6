package disturb_test

import (
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/disturb"
)

func with(kind v1alpha1.DisturbanceKind, delay time.Duration, to int, replicas ...int) v1alpha1.Experiment {
	var e v1alpha1.Experiment
	e.Spec.Factors.Replicas = replicas
	if kind != "" {
		e.Spec.Disturbance = &v1alpha1.Disturbance{Kind: kind, Replicas: to, DrainDelay: v1alpha1.Duration{Duration: delay}}
	}
	return e
}

func TestWhatTargetsARunNeeds(t *testing.T) {
	none, kill := with("", 0, 0, 3), with(v1alpha1.DisturbKill, 0, 0, 3)
	restart := with(v1alpha1.DisturbRestart, time.Second, 0, 2, 3)
	up, down := with(v1alpha1.DisturbScale, time.Second, 5, 1, 3), with(v1alpha1.DisturbScale, time.Second, 1, 3)
	for name, c := range map[string]struct {
		all   []v1alpha1.Experiment
		surge int
		drain time.Duration // below 0 for none
		agree bool
	}{
		"none":             {[]v1alpha1.Experiment{none}, 0, -1, true},
		"kill":             {[]v1alpha1.Experiment{none, kill}, 0, -1, true},
		"restart":          {[]v1alpha1.Experiment{none, restart, up}, 4, time.Second, true},
		"down":             {[]v1alpha1.Experiment{down}, 0, time.Second, true},
		"kill and restart": {[]v1alpha1.Experiment{kill, restart}, 3, time.Second, false},
		"two delays":       {[]v1alpha1.Experiment{restart, with(v1alpha1.DisturbRestart, 0, 0, 2)}, 3, time.Second, false},
	} {
		if got := disturb.MostSurge(c.all); got != c.surge {
			t.Errorf("%s: %d targets more, want %d", name, got, c.surge)
		}
		drain := disturb.Drain(c.all)
		if drain == nil != (c.drain < 0) || drain != nil && *drain != c.drain {
			t.Errorf("%s: drains for %v", name, drain)
		}
		if got := disturb.Agree(c.all); got != c.agree {
			t.Errorf("%s: agree is %t", name, got)
		}
	}
}
