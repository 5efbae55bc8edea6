package analyse

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

// Distrust returns a report that was read without the figures that cannot be: of a
// cell with a trial that no worker can have measured, or whose summary its trials do
// not bear out, nothing is left but a finding. The report that is given is not changed.
func Distrust(r v1alpha1.Report) v1alpha1.Report {
	found := impossibleCells(r)
	if len(found) == 0 {
		return r
	}
	r.Cells, r.Comparisons = slices.Clone(r.Cells), slices.Clone(r.Comparisons)
	r.Searches, r.Verdicts = slices.Clone(r.Searches), slices.Clone(r.Verdicts)
	bad := map[v1alpha1.Address]bool{}
	var findings []v1alpha1.Finding
	for _, f := range found {
		bad[v1alpha1.Address(f.Scope)] = true
		known := func(k v1alpha1.Finding) bool { return k.Code == f.Code && k.Scope == f.Scope }
		if !slices.ContainsFunc(r.Findings, known) {
			findings = append(findings, f)
		}
	}
	r.Findings = append(findings, r.Findings...)
	baseline := report.IndexOf(r).Baseline().Name
	for i, c := range r.Cells {
		if bad[c.Address] {
			r.Cells[i] = v1alpha1.Cell{Address: c.Address, Void: true, Values: emptied(c.Values)}
		}
	}
	for i, c := range r.Comparisons {
		if bad[c.Address] || bad[c.Of(baseline)] {
			r.Comparisons[i] = v1alpha1.Comparison{Address: c.Address, Metric: c.Metric, Conclusion: v1alpha1.ConclusionVoid}
		}
	}
	for i, s := range r.Searches {
		switch {
		case bad[s.Address]:
			r.Searches[i] = v1alpha1.SearchResult{Address: s.Address, SLO: s.SLO, Reason: "its trials cannot be"}
		case bad[s.Of(baseline)]:
			r.Searches[i].Ratio, r.Searches[i].Conclusion = nil, ""
		}
	}
	for i, v := range r.Verdicts {
		if bad[v.Address] || bad[v.Of(baseline)] {
			r.Verdicts[i].Result, r.Verdicts[i].Evidence = v1alpha1.VerdictInconclusive, "the cell is void"
		}
	}
	return r
}

func emptied(values []v1alpha1.MetricValue) []v1alpha1.MetricValue {
	var out []v1alpha1.MetricValue
	for _, v := range values {
		out = append(out, v1alpha1.MetricValue{Metric: v.Metric, Unit: v.Unit, Missing: "impossible"})
	}
	return out
}

// impossibleCells are the findings of a report's cells and searches.
func impossibleCells(r v1alpha1.Report) []v1alpha1.Finding {
	rates := map[v1alpha1.Address]v1alpha1.Rate{}
	for _, e := range r.Experiments {
		for _, l := range experiment.Levels(e) {
			rates[v1alpha1.Address{Experiment: e.Metadata.Name, Level: l.ID}] = l.Rate
		}
	}
	trials, index := map[v1alpha1.Address][]v1alpha1.Trial{}, report.IndexOf(r)
	for _, t := range r.Trials {
		trials[t.Cell()] = append(trials[t.Cell()], t)
	}
	overlaps := overlapping(r.Trials)
	var out []v1alpha1.Finding
	tell := func(at v1alpha1.Address, why string) {
		if why != "" {
			out = append(out, v1alpha1.Finding{Code: codeImpossible, Severity: v1alpha1.SeverityVoid, Scope: v1alpha1.Scope(at),
				Evidence: why, Advice: impossibleAdvice})
		}
	}
	rate := func(at v1alpha1.Address) v1alpha1.Rate {
		if rate, known := rates[at.Of("")]; known {
			return rate
		}
		return v1alpha1.RateMax
	}
	for _, c := range r.Cells {
		tell(c.Address, cmp.Or(impossibleIn(trials[c.Address], rate(c.Address), overlaps),
			impossibleSummary(c, index.Trials(c.Address))))
	}
	for _, s := range r.Searches {
		tell(s.Address, impossibleIn(trials[s.Address], v1alpha1.RateMax, overlaps))
	}
	return out
}

// impossibleSummary says what a cell's summary claims beyond its trials.
func impossibleSummary(c v1alpha1.Cell, trials []v1alpha1.Trial) string {
	for _, v := range c.Values {
		m, known := metric.Find(v.Metric)
		values := []*float64{v.Value, v.AtLeast}
		for i := range v.PerRound {
			values = append(values, &v.PerRound[i].Value)
		}
		for _, x := range values {
			if x != nil && (math.IsNaN(*x) || math.IsInf(*x, 0) || known && !m.Signed && *x < 0) {
				return fmt.Sprintf("%.40s of %g %s", v.Metric, *x, v.Unit)
			}
		}
	}
	if c.Requests < 0 || c.Errors < 0 || c.Rounds < 0 || c.Faults < 0 {
		return fmt.Sprintf("a summary of %d requests and %d errors in %d rounds", c.Requests, c.Errors, c.Rounds)
	}
	var requests, failed, faults int64
	for _, t := range trials {
		requests += t.Load.Requests
		failed += t.Load.Failed()
		faults += t.Load.Faults()
	}
	if c.Faults > faults {
		return fmt.Sprintf("a summary of %d requests that failed as asked, where its trials have %d", c.Faults, faults)
	}
	// A trial whose histogram cannot be read is in no summary.
	if c.Rounds != len(trials) || requests == c.Requests && failed == c.Errors {
		return ""
	}
	return fmt.Sprintf("a summary of %d requests and %d errors, where its trials have %d and %d", c.Requests, c.Errors,
		requests, failed)
}
