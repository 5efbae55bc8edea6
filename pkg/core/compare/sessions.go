package compare

import (
	"fmt"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

// sessionsOf is in how many sessions the reports of a side were measured together.
func sessionsOf(side []v1alpha1.Report) int {
	var trials []v1alpha1.Trial
	for _, r := range side {
		trials = append(trials, r.Trials...)
	}
	return len(report.Sessions(trials))
}

// sameSession warns of reports that are taken for repetitions and are none.
func sameSession(side string, reports []v1alpha1.Report, sessions int) []string {
	if sessions == 0 || sessions >= len(reports) {
		return nil
	}
	return []string{fmt.Sprintf("the %d reports %s are of %d session(s): what sessions differ by is not in the "+
		"intervals; "+
		"run on other days, at least an hour apart", len(reports), side, sessions)}
}
