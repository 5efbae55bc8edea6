package render_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

// A ratio of one round is shown, and said to be one.
func TestARatioOfOneRoundIsMarked(t *testing.T) {
	r := golden.Completed(t, fixture.Options{Experiment: fixture.Named("exp1", 1)}, nil)
	for format, want := range map[string][]string{
		"table": {"x1.48", "1 round, no interval"}, "wide": {"x1.48", "1 round, no interval"},
		"markdown":   {`x1.48 \[1 round, no interval\]`},
		"html":       {"×1.48", "1 round, no interval", "Ratio to the baseline</b>"},
		"prometheus": {`meshbench_baseline_ratio_rounds{experiment="exp1",level="default",arm="meshy",mesh="istio-sidecar",metric="p50"} 1`},
	} {
		text := string(rendered(t, format, r, term.Style{}))
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s does not hold %q", format, w)
			}
		}
	}
}

// The p beside a ratio is of the test that decided what is claimed of it: no p
// above 0.05 stands below a coloured ratio, also where rounds are four.
func TestThePValueIsTheOneThatDecided(t *testing.T) {
	for _, rounds := range []int{4, 6} {
		r := golden.Completed(t, fixture.Options{Samples: 20_000, Experiment: fixture.Named("exp1", rounds)}, nil)
		text := string(rendered(t, "wide", r, term.Style{}))
		if strings.Contains(text, "p=0.125") || !strings.Contains(text, "p<0.0001") {
			t.Errorf("%d rounds: a p is not that of the test that decided:\n%s", rounds, text)
		}
	}
}

// A run of the baseline alone shows how far its rounds lie apart.
func TestABaselineAloneShowsItsRounds(t *testing.T) {
	r := golden.Completed(t, fixture.Options{Experiment: fixture.Capacity(4)}, nil)
	for format, want := range map[string]string{
		"table": `k/s\.\.\d+\.\dk/s`, "markdown": `k/s \\?\[\d+\.\dk/s\.\.\d+\.\dk/s\\?\]`,
		"html": `k/s \(\d+\.\dk/s\.\.\d+\.\dk/s\)`,
	} {
		if !regexp.MustCompile(want).Match(rendered(t, format, r, term.Style{})) {
			t.Errorf("%s holds nothing like %s", format, want)
		}
	}
}
