package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

// storedReport is the file of a report of a mesh of some cost, in trials of so
// many requests; not every trial is alike.
func storedReport(t *testing.T, seed uint64, cost float64, edit func(*v1alpha1.Trial)) string {
	t.Helper()
	r, levels := fixture.Report(fixture.Options{Seed: seed, Samples: 5000, Edit: edit,
		Latency: func(arm string, _ v1alpha1.Level, _ int) time.Duration {
			if arm == "meshy" {
				return time.Duration(float64(time.Millisecond) * cost)
			}
			return time.Millisecond
		}})
	done, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(done)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "report.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheGateOfAComparison(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	before, same, dearer := storedReport(t, 1, 1.5, nil), storedReport(t, 2, 1.5, nil), storedReport(t, 3, 1.65, nil)
	failing := storedReport(t, 4, 1.5, func(trial *v1alpha1.Trial) {
		trial.Load.Errors = []v1alpha1.ErrorCount{{Class: v1alpha1.ErrorTimeout, Count: 450}}
	})
	more := storedReport(t, 5, 1.5, nil) + "," + storedReport(t, 6, 1.5, nil)
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{before, same}, exitOK, ""},
		{[]string{before, dearer}, exitOK, "regression"},
		{[]string{"--gate", before, same}, exitOK, "equivalent"},
		{[]string{"--gate", before, dearer}, exitBreached, "comparisons are a regression"},
		{[]string{"--gate", dearer, before}, exitOK, "improvement"},
		{[]string{"--gate", "--min-change", "10.5%", before, dearer}, exitInconclusive, "is undecided"},
		{[]string{"--gate", "--min-change", "30%", before, dearer}, exitOK, "equivalent"},
		{[]string{"--gate", before, failing}, exitInconclusive, "requests of meshy failed"},
		{[]string{"--gate", before, before}, exitInconclusive, "one is a copy"},
		{[]string{"--gate", "--inconclusive", "pass", before, failing}, exitOK, "lets pass"},
		{[]string{"--gate", "--after", more, before, dearer}, exitInconclusive, "is undecided"},
		{[]string{"--gate", "--before", same, "--after", more, before, dearer}, exitInconclusive, "over the reports"},
		{[]string{"--min-change", "0.05", before, same}, exitUsage, "such as 5%"},
		{[]string{"--min-change", "0.01%", before, same}, exitUsage, "such as 5%"},
		{[]string{"--after", "gone.json", before, same}, exitUsage, "gone.json"},
	} {
		stdout, stderr, code := invoke(t, "", append([]string{"compare"}, c.args...)...)
		if code != c.code || !strings.Contains(stdout+stderr, c.says) {
			t.Errorf("%v: exit code %d, want %d; said %s\n%s\nwant %q", c.args, code, c.code, stdout, stderr, c.says)
		}
	}
}
