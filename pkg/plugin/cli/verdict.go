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
	var failed, undecided []string
	for _, v := range r.Verdicts {
		text := fmt.Sprintf("%s: %s (%s)", v.Arm, v.SLO, v.Evidence)
		switch v.Result {
		case v1alpha1.VerdictFail:
			failed = append(failed, text)
		case v1alpha1.VerdictInconclusive:
			undecided = append(undecided, text)
		}
	}
	if len(failed) > 0 {
		return &breachedError{"objective broken: " + strings.Join(failed, "; ")}
	}
	if len(undecided) > 0 {
		return &inconclusiveError{"objective undecided: " + strings.Join(undecided, "; ")}
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
