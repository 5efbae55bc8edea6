package precision

import (
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Say puts a precision into one sentence.
func Say(p v1alpha1.Precision) string {
	text := fmt.Sprintf("%s: %d of at most %d rounds for a factor of %.4g either way, as the first %d ask for",
		p.Experiment, p.PlannedRounds, p.MaxRounds, 1+p.TargetRatio, p.FirstRounds)
	if p.UsedRounds < p.PlannedRounds {
		text += fmt.Sprintf("; %d done", p.UsedRounds)
	}
	if p.Widest != nil && p.WidestRatio != nil {
		where := []string{p.Widest.Arm}
		if p.Widest.Level != "default" {
			where = append(where, p.Widest.Level)
		}
		text += fmt.Sprintf("; the widest, %s of %s, is within %.3g %%", p.WidestMetric, strings.Join(where, " at "),
			100**p.WidestRatio)
	}
	if p.Capped {
		text += "; more would be needed"
	}
	return text
}
