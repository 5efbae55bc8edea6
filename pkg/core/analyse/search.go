package analyse

import (
	"fmt"
	"math"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/gate"
	"github.com/meshbench/kubectl-meshbench/pkg/core/search"
)

// searched is one arm of a search.
type searched struct {
	experiment v1alpha1.Experiment
	level      v1alpha1.Level
	arm        v1alpha1.Arm
	slo        gate.SLO
	trials     []v1alpha1.Trial
	state      search.State
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
	if !s.state.Done {
		s.result.Reason = "the run ended before the search"
		if interrupted {
			s.result.Reason = "the run was interrupted before the search ended"
		}
	}
}

// results are all searches with their ratios to the baseline.
func (d *data) results() []v1alpha1.SearchResult {
	var out []v1alpha1.SearchResult
	for _, s := range d.searches {
		r := s.result
		if base := d.searchAt(r.Of(d.baseline.Name)); base != nil && s != base {
			r.Ratio = ratioOf(r, base.result)
		}
		out = append(out, r)
	}
	return out
}

// ratioOf divides two brackets. The point is the ratio of their geometric
// middles; its bounds are what the brackets leave: the lower end of one by the
// upper end of the other. They are no statistical interval.
func ratioOf(arm, base v1alpha1.SearchResult) *v1alpha1.Estimate {
	if !arm.Conclusive || !base.Conclusive {
		return nil
	}
	low, high := *arm.HoldsAt / *base.FailsAt, *arm.FailsAt / *base.HoldsAt
	return &v1alpha1.Estimate{Value: math.Sqrt(low * high), Low: &low, High: &high}
}

func (s *searched) finding(severity v1alpha1.Severity, advice, evidence string, args ...any) v1alpha1.Finding {
	return v1alpha1.Finding{
		Severity: severity, Scope: v1alpha1.Scope(s.result.Address),
		Evidence: fmt.Sprintf(evidence, args...), Advice: advice,
	}
}
