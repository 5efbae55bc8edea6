package analyse

import (
	"fmt"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/precision"
)

// Input is a report as the runner leaves it, and the levels that were planned.
type Input struct {
	// Report has its run, experiments, cluster, arms and trials filled.
	Report v1alpha1.Report
	// Levels holds the levels of each experiment by its name, in order.
	Levels map[string][]v1alpha1.Level
}

// Complete returns the report with its cells, comparisons and findings filled.
// There is a cell for everything that was planned, also where it has no data.
// The input is not changed. It is an error if levels or the baseline are
// unknown, or if a trial belongs to no planned cell; bad measurements are
// findings, never errors.
func Complete(in Input) (v1alpha1.Report, error) {
	d, err := arrange(in)
	if err != nil {
		return v1alpha1.Report{}, fmt.Errorf("analyse run %s: %w", in.Report.Run.ID, err)
	}
	d.comparisons = compare(d)
	findings := judge(d)
	void := voided(d, findings)

	out := in.Report
	out.Cells, out.Comparisons, out.Findings = nil, nil, findings
	out.Searches, out.Sessions = d.results(), d.sessions
	for i, s := range out.Searches {
		if forbidden(findings, s.Address) ||
			forbidden(findings, s.Of(d.baseline.Name)) {
			out.Searches[i].Ratio, out.Searches[i].Conclusion = nil, ""
		}
	}
	out.Precisions = precision.Of(out)
	out.Ceilings = nil
	for _, c := range d.ceilings {
		if !void[v1alpha1.Address{Experiment: c.Source, Level: c.SourceLevel, Arm: d.baseline.Name}] {
			out.Ceilings = append(out.Ceilings, c)
		}
	}
	for _, c := range d.cells {
		out.Cells = append(out.Cells, c.cell(void[c.at]))
	}
	for _, c := range d.comparisons {
		if void[c.Address] || void[c.Of(d.baseline.Name)] {
			c.Conclusion = v1alpha1.ConclusionVoid
			c.Ratio, c.Difference, c.PValue = nil, nil, nil
			c.TestPValue, c.AdjustedPValue, c.DecidedBy = nil, nil, ""
		}
		out.Comparisons = append(out.Comparisons, c)
	}
	return out, nil
}

// voided are the cells that a finding forbids to compare.
func voided(d *data, findings []v1alpha1.Finding) map[v1alpha1.Address]bool {
	void := map[v1alpha1.Address]bool{}
	for _, c := range d.cells {
		void[c.at] = forbidden(findings, c.at)
	}
	return void
}

// forbidden reports whether a finding forbids to compare one arm at one level. A
// finding about a single trial concerns that trial only, which was left out
// already.
func forbidden(findings []v1alpha1.Finding, at v1alpha1.Address) bool {
	return slices.ContainsFunc(findings, func(f v1alpha1.Finding) bool {
		return f.Severity == v1alpha1.SeverityVoid && f.Trial == "" && f.Covers(at)
	})
}
