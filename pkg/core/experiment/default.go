package experiment

import (
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/factor"
)

// timing is what a profile stands for.
type timing struct {
	rounds           int
	duration, warmup time.Duration
}

// timingOf returns a profile's schedule, and false for a profile that is not known.
func timingOf(p v1alpha1.Profile) (timing, bool) {
	switch p {
	case v1alpha1.ProfileQuick:
		return timing{rounds: 4, duration: 10 * time.Second, warmup: 2 * time.Second}, true
	case v1alpha1.ProfileStandard:
		return timing{rounds: 6, duration: 30 * time.Second, warmup: 5 * time.Second}, true
	case v1alpha1.ProfileThesis:
		return timing{rounds: 1, duration: 15 * time.Minute, warmup: 5 * time.Second}, true
	default:
		return timing{}, false
	}
}

const (
	defaultRequestTimeout = 10 * time.Second
	defaultRepeats        = 2
	// FirstRounds is how many rounds decide how many more a precision takes. With 4
	// the deviation is so uncertain that rounds are wasted.
	FirstRounds = 6
	// preciseRounds is the most that a precision may take unless a document says so.
	preciseRounds = 30
)

// withDefaults returns e with every field filled in that the document left out.
func withDefaults(e v1alpha1.Experiment) v1alpha1.Experiment {
	e.Spec = factor.Filled(e.Spec)
	s := &e.Spec.Schedule
	if s.Profile == "" {
		s.Profile = v1alpha1.ProfileStandard
	}
	t, _ := timingOf(s.Profile)
	if s.Precision > 0 {
		t.rounds = preciseRounds
	}
	if s.Rounds == 0 {
		s.Rounds = t.rounds
	}
	if s.Duration.Duration == 0 {
		s.Duration.Duration = t.duration
	}
	if s.Warmup == nil {
		s.Warmup = &v1alpha1.Duration{Duration: t.warmup}
		if e.Spec.Target.Service != nil {
			s.Warmup.Duration = rampWarmup
		}
	}
	if s.RequestTimeout.Duration == 0 {
		s.RequestTimeout.Duration = defaultRequestTimeout
	}
	if s.Repeats == nil {
		repeats := defaultRepeats
		s.Repeats = &repeats
	}
	if e.Spec.Arms == "" {
		e.Spec.Arms = v1alpha1.ArmsAll
	}
	e.Spec.Search = searching(e.Spec.Search)
	e.Spec.Load = sized(e.Spec.Load)
	e.Spec.Target.PodSize = sized(e.Spec.Target.PodSize)
	e.Spec.Target.Service = called(e.Spec.Target.Service)
	return e
}

// sized gives a pod room to burst: a CPU limit that binds would be measured in
// place of the mesh, and no limit at all would be rude on a shared node.
func sized(p v1alpha1.PodSize) v1alpha1.PodSize {
	quantity := func(q *v1alpha1.Quantity, value string) *v1alpha1.Quantity {
		if q != nil {
			return q
		}
		parsed := v1alpha1.MustQuantity(value)
		return &parsed
	}
	p.CPURequest = quantity(p.CPURequest, "250m")
	p.CPULimit = quantity(p.CPULimit, "2")
	p.Memory = quantity(p.Memory, "128Mi")
	return p
}

const (
	defaultResolution    = 0.05
	defaultConfirmations = 3
	defaultMaxTrials     = 40
)

func searching(s *v1alpha1.Search) *v1alpha1.Search {
	if s == nil {
		return nil
	}
	filled := *s
	if filled.Resolution == 0 {
		filled.Resolution = defaultResolution
	}
	if filled.Confirmations == 0 {
		filled.Confirmations = defaultConfirmations
	}
	if filled.MaxTrials == 0 {
		filled.MaxTrials = defaultMaxTrials
	}
	return &filled
}
