package experiment

import (
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

func TestDisturbancesThatCannotBeMadeOrSeenAreRefused(t *testing.T) {
	seconds := func(n float64) v1alpha1.Duration {
		return v1alpha1.Duration{Duration: time.Duration(n * float64(time.Second))}
	}
	for name, c := range map[string]struct {
		edit func(*v1alpha1.ExperimentSpec)
		want string
	}{
		"good": {func(*v1alpha1.ExperimentSpec) {}, ""},
		"restart of one": {func(s *v1alpha1.ExperimentSpec) {
			s.Disturbance.Kind, s.Factors.Replicas, s.Disturbance.DrainDelay = v1alpha1.DisturbRestart, nil, seconds(5)
		}, ""},
		"no kind": {func(s *v1alpha1.ExperimentSpec) { s.Disturbance.Kind = "" }, "spec.disturbance.kind"},
		"nothing before": {func(s *v1alpha1.ExperimentSpec) { s.Disturbance.At = seconds(1) },
			"spec.disturbance.at: 1s is not between 2s"},
		"nothing after": {func(s *v1alpha1.ExperimentSpec) { s.Disturbance.At = seconds(28) }, "and 27s"},
		"one target":    {func(s *v1alpha1.ExperimentSpec) { s.Factors.Replicas = nil }, "spec.factors.replicas"},
		"a closed loop": {func(s *v1alpha1.ExperimentSpec) { s.Factors.Rate = v1alpha1.Values[v1alpha1.Rate]{100, 0} },
			"a closed loop, which hides an outage"},
		"a search": {func(s *v1alpha1.ExperimentSpec) {
			s.Factors.Rate, s.Search = nil, &v1alpha1.Search{SLO: "p99 < 20ms"}
		}, "leave one of the two out"},
		"a precision": {func(s *v1alpha1.ExperimentSpec) { s.Schedule.Precision = 0.05 }, "spec.schedule.rounds"},
		"failures besides": {func(s *v1alpha1.ExperimentSpec) { s.Factors.ErrorRatio = v1alpha1.Values[float64]{0, 0.1} },
			"spec.factors.errorRatio"},
		"a kill that drains": {func(s *v1alpha1.ExperimentSpec) { s.Disturbance.DrainDelay = seconds(1) },
			"spec.disturbance.drainDelay"},
		"a long drain": {func(s *v1alpha1.ExperimentSpec) {
			s.Disturbance.Kind, s.Disturbance.DrainDelay = v1alpha1.DisturbRestart, seconds(25)
		}, "spec.disturbance.drainDelay: 25s"},
		"replicas of a kill": {func(s *v1alpha1.ExperimentSpec) { s.Disturbance.Replicas = 2 }, "is for scale-targets alone"},
		"no replicas": {func(s *v1alpha1.ExperimentSpec) { s.Disturbance.Kind = v1alpha1.DisturbScale },
			"spec.disturbance.replicas: 0 is not between 1 and 64"},
		"as many as before": {func(s *v1alpha1.ExperimentSpec) {
			s.Disturbance.Kind, s.Disturbance.Replicas = v1alpha1.DisturbScale, 3
		}, "3 targets are there already"},
	} {
		e := v1alpha1.Experiment{Metadata: v1alpha1.Metadata{Name: "x"}}
		e.Spec.Disturbance = &v1alpha1.Disturbance{Kind: v1alpha1.DisturbKill, At: seconds(4)}
		e.Spec.Factors.Rate = v1alpha1.Values[v1alpha1.Rate]{100}
		e.Spec.Factors.Replicas = v1alpha1.Values[int]{3}
		c.edit(&e.Spec)
		_, err := Resolve(e)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
