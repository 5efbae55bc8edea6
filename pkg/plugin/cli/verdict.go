package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/experiment"
)

// verdict turns a report into the error that the exit code is made of: broken
// objectives, undecided ones, or nothing that could be compared.
func verdict(r v1alpha1.Report) error {
	var failed, undecided []v1alpha1.Verdict
	for _, v := range r.Verdicts {
		switch v.Result {
		case v1alpha1.VerdictFail:
			failed = append(failed, v)
		case v1alpha1.VerdictInconclusive:
			undecided = append(undecided, v)
		}
	}
	for _, t := range r.Trials {
		if t.Stopped != nil {
			return &breachedError{fmt.Sprintf("trial %s: %s", t.ID, t.Reason)}
		}
	}
	if len(failed) > 0 {
		return &breachedError{listed("broken", failed)}
	}
	if len(undecided) > 0 {
		return &inconclusiveError{listed("undecided", undecided)}
	}
	if len(r.Experiments) > 0 && experiment.BaselineOnly(r.Experiments) {
		return nil // nothing was to be compared
	}
	control := slices.IndexFunc(r.Arms, func(a v1alpha1.Arm) bool { return a.Role == v1alpha1.RoleControl })
	for _, c := range r.Comparisons {
		if control >= 0 && c.Arm == r.Arms[control].Name {
			continue
		}
		if c.Conclusion != v1alpha1.ConclusionVoid && c.Pairs > 0 {
			return nil
		}
	}
	for _, s := range r.Searches {
		if s.Ratio != nil {
			return nil
		}
	}
	return &inconclusiveError{"no meshed arm can be compared with the baseline: the report's findings say why"}
}

const (
	// mostTold is how many objectives are told with their figures; more are a table,
	// of at most mostListed: the report has the rest.
	mostTold   = 3
	mostListed = 10
)

// listed says which objectives are what, and where.
func listed(what string, all []v1alpha1.Verdict) string {
	if len(all) <= mostTold {
		var texts []string
		for _, v := range all {
			texts = append(texts, fmt.Sprintf("%s: %s (%s)", whereOf(v.Address), v.SLO, v.Evidence))
		}
		return "objective " + what + ": " + strings.Join(texts, "; ")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d objectives are %s:", len(all), what)
	width := 0
	shown := all[:min(len(all), mostListed)]
	for _, v := range shown {
		width = max(width, len(whereOf(v.Address)))
	}
	for _, v := range shown {
		fmt.Fprintf(&b, "\n  %-*s  %s", width, whereOf(v.Address), v.SLO)
	}
	if more := len(all) - len(shown); more > 0 {
		fmt.Fprintf(&b, "\n  and %d more", more)
	}
	return b.String() + "\nthe report has the figures of each"
}

// whereOf names a cell: "exp2 rate=100 with-mesh".
func whereOf(a v1alpha1.Address) string {
	parts := []string{a.Experiment, a.Level, a.Arm}
	if a.Level == experiment.DefaultLevel {
		parts = []string{a.Experiment, a.Arm}
	}
	return strings.Join(parts, " ")
}
