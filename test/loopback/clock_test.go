package loopback_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/loopback"
)

// aheadWorker is the worker, whose clock is so far ahead: that of a node, which no
// namespace of the kernel can shift. It is compiled with one line more in time.Now.
func aheadWorker(t *testing.T, by time.Duration) string {
	t.Helper()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(strings.TrimSpace(string(root)), "src", "time", "time.go")
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const reads = "\tsec, nsec, mono := runtimeNow()\n\tif mono == 0 {"
	if n := strings.Count(string(source), reads); n != 1 {
		t.Fatalf("%s reads the clock in %d places that look so, want 1: this test has to follow", file, n)
	}
	dir := t.TempDir()
	line := fmt.Sprintf("\tsec, nsec, mono := runtimeNow()\n\tsec += %d\n\tif mono == 0 {", int64(by.Seconds()))
	changed := filepath.Join(dir, "time.go")
	if err := os.WriteFile(changed, []byte(strings.Replace(string(source), reads, line, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{file: changed}})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "meshbench-worker")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-overlay", list,
		"-ldflags", "-X main.version=v0.0.1", "-o", out, "../../cmd/meshbench-worker")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build a worker whose clock is ahead: %v\n%s", err, said)
	}
	return out
}

// A node whose clock is an hour ahead: windows are by the load pod's clock, as reports
// say, the difference is known and named, and several load pods, which start at one
// instant of the wall clock, find it at the second attempt.
func TestANodesClockThatIsAheadMovesNothing(t *testing.T) {
	t.Parallel()
	const ahead = time.Hour
	worker := aheadWorker(t, ahead)
	for _, c := range []struct {
		name, node string
		clients    int
	}{
		{"the load pod's node", "node-2", 1},
		{"the target's node", "node-1", 1},
		{"the node of two load pods", "node-2", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := loopback.Sane()
			s.Workers = map[string]string{c.node: worker}
			l := open(t, s)
			begun := time.Now()
			o := l.call(append(small("--set", fmt.Sprint("factors.clients=", c.clients)), "--resources", "auto", "--rounds",
				"1")...)
			ended := time.Now()
			if o.code != 0 {
				t.Fatalf("exit %d\n%s", o.code, o.errOut)
			}
			r := o.report(t)
			if n := completed(t, r); n != 2 {
				t.Errorf("%d trials with a result, want 2\n%s", n, o.errOut)
			}
			for _, trial := range r.Trials {
				if trial.Status == v1alpha1.TrialVoid && c.clients > 1 && trial.Attempt == 1 {
					continue // nobody knew the clock when its start was agreed on
				}
				if trial.Status != v1alpha1.TrialCompleted {
					t.Errorf("trial %s is %s: %s", trial.ID, trial.Status, trial.Reason)
					continue
				}
				// A window is by its load pod's clock.
				by := time.Duration(0)
				if c.node == s.Place.Load {
					by = ahead
				}
				from, to := trial.Window.StartedAt.Add(-by), trial.Window.EndedAt.Add(-by)
				if from.Before(begun) || to.After(ended) {
					t.Errorf("trial %s is from %s to %s, the run was from %s to %s", trial.ID, from, to, begun, ended)
				}
				known := false
				for _, n := range trial.Resources.Nodes {
					if n.Node != c.node || n.ClockOffsetSeconds == nil {
						continue
					}
					known = true
					if math.Abs(*n.ClockOffsetSeconds-ahead.Seconds()) > 30 {
						t.Errorf("the clock of %s is said to be off by %g s", n.Node, *n.ClockOffsetSeconds)
					}
				}
				if !known {
					t.Errorf("trial %s does not know how far the clock of %s is ahead", trial.ID, c.node)
				}
			}
			found := false
			for _, f := range r.Findings {
				found = found || f.Code == "clock-offset" && strings.Contains(f.Evidence, c.node)
			}
			if !found {
				t.Errorf("no finding names the clock of %s: %+v", c.node, r.Findings)
			}
			l.nothingLeft()
		})
	}
}
