package analyse_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

// withControl is a run with --aa whose second baseline takes that time.
func withControl(t *testing.T, again time.Duration) v1alpha1.Report {
	t.Helper()
	return complete(t, fixture.Options{
		Arms: []string{"plain", "plain-again", "meshy"}, Control: "plain-again",
		Latency: func(arm string, _ v1alpha1.Level, _ int) time.Duration {
			return map[string]time.Duration{"plain": time.Millisecond, "plain-again": again,
				"meshy": 1500 * time.Microsecond}[arm]
		},
	}, nil)
}

func TestTheControlTellsWhatIsNoise(t *testing.T) {
	r := withControl(t, time.Millisecond)
	i := slices.IndexFunc(r.Findings, func(f v1alpha1.Finding) bool { return f.Code == "noise-floor" })
	if i < 0 {
		t.Fatalf("findings %v, want a noise floor", codes(r))
	}
	f := r.Findings[i]
	if f.Severity != v1alpha1.SeverityInfo || f.Arm != "plain-again" || !strings.Contains(f.Evidence, "% in throughput") ||
		!strings.Contains(f.Evidence, "% in p99") {
		t.Errorf("%+v, want the smallest effects in throughput and p99", f)
	}
	if slices.Contains(codes(r), "faster-than-baseline") {
		t.Errorf("findings %v: a control is no mesh", codes(r))
	}
}

func TestABaselineThatDiffersFromItselfIsFound(t *testing.T) {
	if r := withControl(t, time.Millisecond); slices.Contains(codes(r), "baseline-differs-from-itself") {
		t.Errorf("findings %v for two equal baselines", codes(r))
	}
	if r := withControl(t, 1200*time.Microsecond); !slices.Contains(codes(r), "baseline-differs-from-itself") {
		t.Errorf("findings %v for a second baseline that is 1.2 x as slow", codes(r))
	}
	if r := complete(t, fixture.Options{}, nil); slices.Contains(codes(r), "noise-floor") {
		t.Errorf("findings %v without a control", codes(r))
	}
}
