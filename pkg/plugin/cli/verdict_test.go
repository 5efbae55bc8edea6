package cli

import (
	"fmt"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

func broken(n int) v1alpha1.Report {
	var r v1alpha1.Report
	for i := range n {
		r.Verdicts = append(r.Verdicts, v1alpha1.Verdict{SLO: "p99 < 20ms", Result: v1alpha1.VerdictFail,
			Address:  v1alpha1.Address{Experiment: "exp2", Level: fmt.Sprintf("rate=%d", i), Arm: "meshy"},
			Evidence: "p99 is 31 ms [" + strings.Repeat("30 ms, ", 20) + "]"})
	}
	return r
}

func TestBrokenObjectivesNameTheirPlace(t *testing.T) {
	if got := verdict(broken(1)).Error(); !strings.Contains(got, "exp2 rate=0 meshy: p99 < 20ms (p99 is 31 ms") {
		t.Error(got)
	}
}

func TestManyBrokenObjectivesAreAShortTable(t *testing.T) {
	got := verdict(broken(60)).Error()
	lines := strings.Split(got, "\n")
	if len(lines) != 13 || lines[0] != "60 objectives are broken:" || lines[11] != "  and 50 more" {
		t.Errorf("%d lines:\n%s", len(lines), got)
	}
	for _, line := range lines {
		if len(line) > 80 {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
}
