package view

import (
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
)

// JudgedTogether is how many comparisons of a run were tested together.
func JudgedTogether(r v1alpha1.Report) int {
	n := 0
	for _, c := range r.Comparisons {
		if c.AdjustedPValue != nil {
			n++
		}
	}
	return n
}

// ClaimsLegend says what the number of comparisons does to a claim.
func ClaimsLegend(n int) string {
	return fmt.Sprintf("%d comparisons are judged together: at most 5 %% of runs without any difference claim one, "+
		"so ~ may stand beside an interval that leaves out 1.", n)
}

// PercentileNeeds says how many requests high percentiles ask for.
func PercentileNeeds() string {
	var all []string
	for _, m := range metric.Latencies() {
		if m.Needs() >= 1000 {
			all = append(all, fmt.Sprintf("%s needs %s requests", m.Name, words.Thousands(m.Needs())))
		}
	}
	return strings.Join(all, ", ")
}
