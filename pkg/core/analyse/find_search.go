package analyse

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
)

const (
	codeSearchOpen     = "search-inconclusive"
	codeNotMonotone    = "search-not-monotone"
	codeSearchSamples  = "search-few-samples"
	codeSearchAtClient = "search-client-cpu"
	codeSplitVotes     = "search-split-vote"
)

// searchInconclusive finds searches that did not confirm both ends of a bracket
// as narrow as was asked for.
func searchInconclusive(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, s := range d.searches {
		if !s.result.Conclusive {
			advice := "Allow more trials (spec.search.maxTrials), longer ones, or other bounds (spec.search.low, " +
				"spec.search.high)."
			if !s.state.Done {
				advice = "Go on with the run (run --resume), or start it again."
			}
			out = append(out, s.finding(v1alpha1.SeverityWarn, advice,
				"the search for the highest rate with %s is inconclusive: %s", s.slo.Text, s.result.Reason))
		}
	}
	return out
}

// searchNotMonotone tells of trials that contradict the result. They were
// outvoted, but many of them say that the limit moves.
func searchNotMonotone(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, s := range d.searches {
		var rates []string
		for _, rate := range s.state.Violations() {
			rates = append(rates, fmt.Sprintf("%.4g", rate))
		}
		if len(rates) > 0 {
			out = append(out, s.finding(v1alpha1.SeverityInfo, "Longer trials vary less.",
				"some trials at %s requests/s contradict the result: they failed below it, or held above it",
				strings.Join(rates, ", ")))
		}
	}
	return out
}

// searchSplitVotes finds ends of brackets that nearly went the other way.
func searchSplitVotes(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, s := range d.searches {
		for _, step := range s.state.SplitVotes() {
			out = append(out, s.finding(v1alpha1.SeverityInfo,
				"Read the limit with its interval, not the bracket; longer trials vary less.",
				"at %.4g requests/s, an end of the bracket, %s kept the objective and %d broke it", step.Rate,
				words.Count(step.Holds, "trial", "trials"), step.Fails))
		}
	}
	return out
}

// searchFewSamples finds percentiles that decided a search and rest on too few
// requests.
func searchFewSamples(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, s := range d.searches {
		if m, _ := metric.Find(s.slo.Metric); m.IsLatency() {
			answered := func(l *v1alpha1.LoadResult) int64 { return l.Requests }
			if few := s.fewest(answered); few >= 0 && few < m.Needs() {
				out = append(out, s.finding(v1alpha1.SeverityWarn, "Lengthen the trials: --duration.",
					"a trial at the ends of the bracket had %d requests, %s needs %d", few, m.Name, m.Needs()))
			}
		}
		if s.slo.Metric != v1alpha1.MetricErrors || s.slo.Bound <= 0 {
			continue
		}
		// None of fewer failing is no evidence of so small a share.
		needs := int64(math.Ceil(errorEvidence / s.slo.Bound))
		all := func(l *v1alpha1.LoadResult) int64 { return l.Requests + l.Failed() }
		if few := s.fewest(all); few >= 0 && few < needs {
			out = append(out, s.finding(v1alpha1.SeverityWarn, "Lengthen the trials: --duration.",
				"a trial at the ends of the bracket had %d requests, to tell %s needs %d", few, s.slo.Text, needs))
		}
	}
	return out
}

// errorEvidence over a share is how many requests without a failure rule out a
// higher share with 95 % confidence (the rule of three).
const errorEvidence = 3

// fewest is the smallest number of requests of a trial that decided; -1 of none.
func (s *searched) fewest(of func(*v1alpha1.LoadResult) int64) int64 {
	few := int64(-1)
	for _, t := range s.deciding() {
		if n := of(t.Load); few < 0 || n < few {
			few = n
		}
	}
	return few
}

// searchClientCPU finds searches that ended where the load generator does.
func searchClientCPU(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, s := range d.searches {
		var worst, cores float64
		for _, t := range s.deciding() {
			if share, of := generatorUse(t); share > worst {
				worst, cores = share, of
			}
		}
		if worst >= busyGenerator {
			out = append(out, s.finding(v1alpha1.SeverityWarn,
				"Give the load pods more CPU or use more of them: the rate may be the generator's, not the arm's.",
				"at the ends of the bracket the load generator used up to %.0f %% of its %.3g CPUs", worst*100, cores))
		}
	}
	return out
}

// deciding are the trials at the two ends of the bracket that have a result.
func (s *searched) deciding() []v1alpha1.Trial {
	var out []v1alpha1.Trial
	for _, t := range s.trials {
		at := func(end *float64) bool { return end != nil && t.Rate != nil && float64(*t.Rate) == *end }
		if t.Usable() && (at(s.result.HoldsAt) || at(s.result.FailsAt)) {
			out = append(out, t)
		}
	}
	return out
}

// loaded are all cells, and for each search one of the trials that decided it:
// what spoils a measurement spoils a search as well.
func (d *data) loaded() []*cell {
	all := slices.Clone(d.cells)
	for _, s := range d.searches {
		c := &cell{at: s.result.Address, experiment: s.experiment, level: s.level, arm: s.arm, trials: s.trials}
		for _, t := range s.deciding() {
			c.rounds = append(c.rounds, round{trial: t})
		}
		all = append(all, c)
	}
	return all
}
