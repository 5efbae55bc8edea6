package cli

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/journal"
	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/runner"
)

// keepIn keeps a run below a state directory, and returns what is said of it.
func keepIn(t *testing.T, state string) (*keeper, *bytes.Buffer) {
	t.Helper()
	t.Setenv("XDG_STATE_HOME", state)
	var log bytes.Buffer
	a := newApp("v1", genericiooptions.IOStreams{ErrOut: &log})
	k, err := a.keep(func(s journal.Store) (*journal.Journal, error) {
		return s.Create(journal.Header{Plan: plan.Input{RunID: "r1"}, Begun: time.Unix(1, 0)})
	})
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
	dir := filepath.Join(state, "kubectl-meshbench", "runs", "r1")
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

// A device is written to, never replaced, and what cannot be written does not
// stop the rest.
func TestAFileThatCannotBeWrittenDoesNotStopTheOthers(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full")
	}
	dir := t.TempDir()
	full, good := filepath.Join(dir, "full"), filepath.Join(dir, "report.yaml")
	if err := os.Symlink("/dev/full", full); err != nil {
		t.Fatal(err)
	}
	var stdout bytes.Buffer
	out, err := (&outputFlags{wanted: []string{"json=" + full, "csv", "yaml=" + good}, color: "auto"}).open(&stdout)
	if err != nil {
		t.Fatal(err)
	}
	err = out.write(&stdout, v1alpha1.Report{APIVersion: v1alpha1.APIVersion, Kind: v1alpha1.KindReport})
	out.discard()
	if exitCode(err) != exitOperational || !strings.Contains(err.Error(), full) ||
		!strings.Contains(err.Error(), "no space left") {
		t.Errorf("error is %v, want an operational one that names %s", err, full)
	}
	if data, err := os.ReadFile(good); err != nil || !bytes.Contains(data, []byte("kind: Report")) ||
		!strings.HasPrefix(stdout.String(), "run,") {
		t.Errorf("the other file holds %q, %v; standard output %q", data, err, stdout.String())
	}
	if info, err := os.Lstat(full); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the device was replaced: %v, %v", info.Mode(), err)
	}
	if _, err := (&outputFlags{wanted: []string{"json=" + dir}, color: "auto"}).open(&stdout); exitCode(err) != exitUsage {
		t.Errorf("a directory gives %v, want a usage error", err)
	}
}

func FuzzOutputFlag(f *testing.F) {
	for _, text := range []string{"json", "json=", "json=x", "=x", "table=a=b", "xml"} {
		f.Add(text)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		if name, path, toFile := strings.Cut(text, "="); toFile && path != "" {
			text = name + "=" + filepath.Join(dir, filepath.Base(path)) // no fuzzing of the machine
		}
		out, err := (&outputFlags{wanted: []string{text}, color: "never"}).open(&bytes.Buffer{})
		if err == nil {
			out.discard()
		}
	})
}

// A line that cannot be written costs itself, not those after it.
func TestOneBadLineEndsNoJournal(t *testing.T) {
	state := t.TempDir()
	k, log := keepIn(t, state)
	endless := math.Inf(1)
	bad := v1alpha1.Resources{Nodes: []v1alpha1.NodeUsage{{Node: "n", CPUSeconds: &endless}}}
	observe := k.observe(func(runner.Event) {})
	observe(runner.TrialDone{Result: v1alpha1.Trial{ID: "a"}})
	observe(runner.TrialMetered{Trial: "a", Resources: bad})
	observe(runner.TrialDone{Result: v1alpha1.Trial{ID: "b"}})
	k.close()
	entry, err := journal.Store{Dir: filepath.Join(state, "kubectl-meshbench", "runs")}.Read("r1")
	if err != nil || len(entry.Trials) != 2 || strings.Count(log.String(), "warning:") != 1 {
		t.Errorf("%d trials are kept, error %v, said %q; want 2 and one warning", len(entry.Trials), err, log)
	}
}
