package progress

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/runner"
)

// play gives a sink the events of a small run, with seconds between them.
func play(sink func(runner.Event)) {
	base := v1alpha1.Arm{Name: "base", Role: v1alpha1.RoleBaseline, Target: &v1alpha1.Pod{Node: "node-1"}}
	mesh := v1alpha1.Arm{Name: "mesh", Role: v1alpha1.RoleMeshed}
	trial := plan.Trial{Experiment: "exp1", Round: 1, Arm: mesh, Level: v1alpha1.Level{ID: "max"}}
	p99 := 0.0123456
	void := v1alpha1.Trial{ID: trial.ID(1), Status: v1alpha1.TrialVoid,
		Reason: "load pod x: the pod was deleted by somebody else"}
	done := v1alpha1.Trial{
		ID: trial.ID(2), Status: v1alpha1.TrialCompleted, Window: &v1alpha1.Window{Seconds: 10},
		Load: &v1alpha1.LoadResult{Requests: 12345, Errors: []v1alpha1.ErrorCount{{Class: v1alpha1.ErrorReset, Count: 3}}},
	}
	for _, e := range []runner.Event{
		runner.Deploying{Arms: []v1alpha1.Arm{base, mesh}},
		runner.TargetReady{Arm: base, After: 1234 * time.Millisecond},
		runner.TargetReady{Arm: mesh, After: 2 * time.Second},
		runner.TrialStarted{Total: 2, Trial: trial, Attempt: 1, Remaining: time.Minute},
		runner.TrialSecond{Trial: trial, Second: v1alpha1.Second{Requests: 1000, P99Seconds: &p99}},
		runner.TrialDone{Total: 2, Result: void, Repeat: true},
		runner.TrialStarted{Total: 2, Trial: trial, Attempt: 2, Remaining: time.Minute},
		runner.TrialSecond{Trial: trial, Second: v1alpha1.Second{Requests: 7}},
		runner.TrialDone{Total: 2, Result: done},
		runner.TrialDone{Index: 1, Total: 2, Result: void},
		runner.CleaningUp{},
		runner.CleanedUp{Objects: 6},
	} {
		sink(e)
		time.Sleep(time.Second) // on the bubble's clock
	}
}

func TestGolden(t *testing.T) {
	for _, test := range []struct {
		name string
		sink func(*bytes.Buffer) func(runner.Event)
	}{
		{"lines", func(b *bytes.Buffer) func(runner.Event) { return Lines(b) }},
		{"live", func(b *bytes.Buffer) func(runner.Event) { return Live(b, 80) }},
		{"narrow", func(b *bytes.Buffer) func(runner.Event) { return Live(b, 30) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			var b bytes.Buffer
			synctest.Test(t, func(*testing.T) { play(test.sink(&b)) })
			// A carriage return is not seen in a diff.
			got := strings.ReplaceAll(b.String(), "\r", "<CR>")
			golden(t, filepath.Join("testdata", test.name+".golden"), got)
			for part := range strings.SplitSeq(b.String(), "\r") {
				if status, _, kept := strings.Cut(part, "\n"); test.name == "narrow" && !kept && len(status) >= 30 {
					t.Errorf("%q would wrap", status)
				}
			}
		})
	}
}

// golden compares with a file; UPDATE_GOLDEN=1 writes it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}
