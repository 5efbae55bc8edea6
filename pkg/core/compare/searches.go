package compare

import (
	"math"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

// MaxRate is the highest rate that keeps an objective, as a search found it.
const MaxRate v1alpha1.Metric = "max-rate"

// searches sets the highest rates side by side. One search in each report does not
// tell how much rates vary from session to session, so none is called a change.
func searches(before v1alpha1.Report, was, is report.Index) (changes []Change, warnings []string) {
	for _, b := range before.Searches {
		a, both := is.Search(b.Address)
		if !both || was.Role(b.Arm) == v1alpha1.RoleBaseline {
			continue
		}
		c := Change{Address: b.Address, Metric: MaxRate, Before: b.Ratio, After: a.Ratio, Word: Unknown}
		if a.SLO == b.SLO {
			c.Factor = quotient(a.Ratio, b.Ratio)
		}
		changes = append(changes, c)
	}
	if len(changes) > 0 {
		warnings = append(warnings,
			string(MaxRate)+
				" is not judged: one search in each report does not tell how much its result varies; run the searches again to see")
	}
	return changes, warnings
}

// quotient bounds one by the other; nil unless both are bounded.
func quotient(a, b *v1alpha1.Estimate) *v1alpha1.Estimate {
	if a == nil || b == nil || a.Low == nil || a.High == nil || b.Low == nil || b.High == nil ||
		!(*b.Low > 0 && *b.High > 0 && *a.Low > 0 && *a.High > 0) {
		return nil
	}
	low, high := *a.Low / *b.High, *a.High / *b.Low
	return &v1alpha1.Estimate{Value: math.Sqrt(low * high), Low: &low, High: &high}
}
