package render

import (
	"fmt"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// tests is how many comparisons of a run were tested together.
func tests(r v1alpha1.Report) int {
	n := 0
	for _, c := range r.Comparisons {
		if c.AdjustedPValue != nil {
			n++
		}
	}
	return n
}

// claimsLegend says what the number of comparisons does to a claim.
func claimsLegend(n int) string {
	return fmt.Sprintf("%d comparisons are judged together: at most 5 %% of runs without any difference claim one, "+
		"so ~ may stand beside an interval that leaves out 1.", n)
}
