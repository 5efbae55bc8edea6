package session

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/journal"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/runner"
)

// keepIn keeps a run in a store, and returns what is said of it.
func keepIn(t *testing.T, dir string) (*keeper, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	s := &Session{clusters: Connect(nil, "test", nil), input: plan.Input{RunID: "r1"}}
	k, err := s.keep(Options{Store: journal.Store{Dir: dir},
		Warn: func(err error) { log.WriteString("warning: " + err.Error()) }},
		time.Unix(1, 0))
	if err != nil {
		t.Fatal(err)
	}
	return k, &log
}

// use lets a run of three trials go on with that keeper, and counts the events
// that still arrive.
func use(k *keeper) int {
	seen := 0
	observe := k.observe(func(runner.Event) { seen++ })
	for range 3 {
		observe(runner.TrialDone{Result: v1alpha1.Trial{ID: "a"}})
	}
	k.finish(v1alpha1.Report{})
	k.close()
	return seen
}

func TestWhereNothingCanBeKeptTheRunGoesOn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	k, log := keepIn(t, file) // a file is no directory
	if seen := use(k); seen != 3 {
		t.Errorf("%d of 3 events arrive", seen)
	}
	if n := strings.Count(log.String(), "warning:"); n != 1 ||
		!strings.Contains(log.String(), "this run is not kept, only printed") {
		t.Errorf("it is said %d times, want once: %s", n, log)
	}
}

func TestADiskThatFillsUpIsSaidOnce(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full")
	}
	state := t.TempDir()
	dir := filepath.Join(state, "r1")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/full", filepath.Join(dir, "trials.jsonl")); err != nil {
		t.Fatal(err)
	}
	k, log := keepIn(t, state)
	if seen := use(k); seen != 3 {
		t.Errorf("%d of 3 events arrive", seen)
	}
	if n := strings.Count(log.String(), "warning:"); n != 1 || !strings.Contains(log.String(), "no space left") {
		t.Errorf("it is said %d times, want once: %s", n, log)
	}
}

// A line that cannot be written costs itself, not those after it.
func TestOneBadLineEndsNoJournal(t *testing.T) {
	dir := t.TempDir()
	k, log := keepIn(t, dir)
	endless := math.Inf(1)
	bad := v1alpha1.Resources{Nodes: []v1alpha1.NodeUsage{{Node: "n", CPUSeconds: &endless}}}
	observe := k.observe(func(runner.Event) {})
	observe(runner.TrialDone{Result: v1alpha1.Trial{ID: "a"}})
	observe(runner.TrialMetered{Trial: "a", Resources: bad})
	observe(runner.TrialDone{Result: v1alpha1.Trial{ID: "b"}})
	k.close()
	entry, err := journal.Store{Dir: dir}.Read("r1")
	if err != nil || len(entry.Trials) != 2 || strings.Count(log.String(), "warning:") != 1 {
		t.Errorf("%d trials are kept, error %v, said %q; want 2 and one warning", len(entry.Trials), err, log)
	}
}
