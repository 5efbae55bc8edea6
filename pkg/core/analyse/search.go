package analyse

import (
	"fmt"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/gate"
	"github.com/meshbench/kubectl-meshbench/pkg/core/search"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// searched is one arm of a search.
type searched struct {
	experiment v1alpha1.Experiment
	level      v1alpha1.Level
	arm        v1alpha1.Arm
	slo        gate.SLO
	trials     []v1alpha1.Trial
	// impossible says which trial no worker can have measured; empty if none.
	impossible string
	state      search.State
	limit      stats.Threshold
	result     v1alpha1.SearchResult
}

func newSearched(e v1alpha1.Experiment, l v1alpha1.Level, a v1alpha1.Arm) (*searched, error) {
	slo, err := gate.Parse(e.Spec.Search.SLO)
	if err != nil {
		return nil, fmt.Errorf("experiment %s: %w", e.Metadata.Name, err)
	}
	return &searched{experiment: e, level: l, arm: a, slo: slo}, nil
}

func (d *data) searchAt(a v1alpha1.Address) *searched {
	for _, s := range d.searches {
		if s.at() == a {
			return s
		}
	}
	return nil
}

func (s *searched) at() v1alpha1.Address {
	return v1alpha1.Address{Experiment: s.experiment.Metadata.Name, Level: s.level.ID, Arm: s.arm.Name}
}

// conclude says what the trials amount to.
func (s *searched) conclude(interrupted bool) {
	if s.impossible != "" {
		s.result = v1alpha1.SearchResult{Address: s.at(), SLO: s.slo.Text, Reason: "its trials cannot be: " + s.impossible}
		s.state.Done = true
		return
	}
	records := search.Records(s.trials, s.slo, s.at())
	s.state = search.Next(search.ConfigOf(*s.experiment.Spec.Search), records)
	s.result = v1alpha1.SearchResult{
		Address: s.at(), SLO: s.slo.Text,
		Conclusive: s.state.Conclusive, HoldsAt: s.state.HoldsAt, FailsAt: s.state.FailsAt,
		Reason: s.state.Reason, Probe: s.state.Probe,
	}
	for _, step := range s.state.Steps {
		s.result.Steps = append(s.result.Steps, v1alpha1.SearchStep(step))
	}
	s.limited(records)
	if !s.state.Done {
		s.result.Reason = "the run ended before the search"
		if interrupted {
			s.result.Reason = "the run was interrupted before the search ended"
		}
	}
}

// limited adds the limit. A confirmed bracket whose trials vary so much that the
// limit may lie beyond all of them decides nothing.
func (s *searched) limited(records []search.Record) {
	limit, ok := search.Limit(records)
	if !ok {
		return
	}
	s.limit = limit
	r := v1alpha1.RateLimit{}
	if r.Value, r.Low, r.High = limit.Interval(); r.Low != nil || r.High != nil {
		s.result.Limit = &r
	}
	if s.result.Conclusive && r.Value == nil {
		s.result.Conclusive = false
		s.result.Reason = "its trials vary so much that the limit may lie beyond all rates that were tried"
	}
}

// results are all searches with their ratios to the baseline.
func (d *data) results() []v1alpha1.SearchResult {
	var out []v1alpha1.SearchResult
	compared := 0
	for _, s := range d.searches {
		if d.comparable(s) != nil {
			compared++
		}
	}
	for _, s := range d.searches {
		r := s.result
		if base := d.comparable(s); base != nil {
			ratio := s.limit.Over(base.limit, 1-significance)
			r.Ratio, r.Conclusion = &ratio, v1alpha1.ConclusionNone
			// Each of several gets its part of the run's error.
			switch claim := s.limit.Over(base.limit, 1-significance/float64(compared)); {
			case *claim.Low > 1:
				r.Conclusion = v1alpha1.ConclusionHigher
			case *claim.High < 1:
				r.Conclusion = v1alpha1.ConclusionLower
			}
		}
		out = append(out, r)
	}
	return out
}

// comparable is the baseline's search that a search can be compared with, nil if it
// cannot: both limits must have two ends.
func (d *data) comparable(s *searched) *searched {
	base := d.searchAt(s.result.Of(d.baseline.Name))
	twoEnds := func(r v1alpha1.SearchResult) bool { return r.Limit != nil && r.Limit.Value != nil }
	if base == nil || s == base || !twoEnds(s.result) || !twoEnds(base.result) {
		return nil
	}
	return base
}

func (s *searched) finding(severity v1alpha1.Severity, advice, evidence string, args ...any) v1alpha1.Finding {
	return v1alpha1.Finding{
		Severity: severity, Scope: v1alpha1.Scope(s.result.Address),
		Evidence: fmt.Sprintf(evidence, args...), Advice: advice,
	}
}
