package journal

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/plan"
)

func header(id string) Header {
	return Header{Context: "staging", Plan: plan.Input{RunID: id, Seed: 7}, Planned: 2, Begun: time.Unix(1, 0)}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	s := Store{Dir: t.TempDir()}
	j, err := s.Create(header("r1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append("r1"); !errors.Is(err, ErrInUse) {
		t.Errorf("a second writer gets %v", err)
	}
	if err := j.Trial(v1alpha1.Trial{ID: "a"}); err != nil {
		t.Fatal(err)
	}
	// The plugin dies within a line.
	if _, err := j.trials.WriteString(`{"id":"b","exp`); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if j, err = s.Append("r1"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(j.Trial(v1alpha1.Trial{ID: "c"}), j.Finish(v1alpha1.Report{Kind: v1alpha1.KindReport}),
		j.Close()); err != nil {
		t.Fatal(err)
	}
	e, err := s.Read("r1")
	if err != nil || len(e.Trials) != 2 || e.Trials[0].ID != "a" || e.Trials[1].ID != "c" || e.Plan.Seed != 7 ||
		e.Report == "" {
		t.Errorf("read %+v, %v; want trials a and c, seed 7 and a report", e, err)
	}
	later := header("r2")
	later.Begun = time.Unix(2, 0)
	if j, err = s.Create(later); err != nil || j.Close() != nil {
		t.Fatal(err)
	}
	if all, err := s.Counted(t.Context()); err != nil || len(all.Runs) != 2 ||
		all.Runs[0].Plan.RunID != "r2" {
		t.Errorf("list is %+v, %v; want r2 first", all, err)
	}
}

func TestBadJournals(t *testing.T) {
	s := Store{Dir: t.TempDir()}
	if _, err := s.Read("nothing"); err == nil || !strings.Contains(err.Error(), "no run nothing") {
		t.Errorf("a run that is not there gives %v", err)
	}
	for _, id := range []string{"", "../x", "a/b", "A", strings.Repeat("a", 99)} {
		if _, err := s.Read(id); err == nil {
			t.Errorf("id %q is accepted", id)
		}
	}
	for id, text := range map[string]string{"truncated": `{"version":1,`,
		"future": `{"version":9,"plan":{"RunID":"future"}}`} {
		if err := os.MkdirAll(filepath.Join(s.Dir, id), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(s.Dir, id, headerFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Read(id); err == nil {
			t.Errorf("a %s journal is accepted", id)
		}
	}
	// Neither a run that is only begun nor a file of somebody else is said to be broken.
	if err := errors.Join(os.Mkdir(filepath.Join(s.Dir, "begun"), 0o700),
		os.WriteFile(filepath.Join(s.Dir, "theirs"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if all, err := s.Counted(t.Context()); err != nil || len(all.Runs) != 0 || len(all.Unreadable) != 2 {
		t.Errorf("list is %+v, %v; want no run, and two that are named", all, err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (Store{Dir: file}).Create(header("r1")); err == nil {
		t.Error("a journal is kept where no directory can be made")
	}
}

func TestTheStateDirectory(t *testing.T) {
	dir, err := DefaultDir(func(string) string { return "/state" })
	if err != nil || dir != "/state/kubectl-meshbench/runs" {
		t.Errorf("directory is %s, %v", dir, err)
	}
	if dir, err = DefaultDir(func(string) string { return "relative" }); err != nil ||
		!strings.HasSuffix(dir, "/.local/state/kubectl-meshbench/runs") {
		t.Errorf("directory is %s, %v", dir, err)
	}
}

func TestADeletedRunIsGone(t *testing.T) {
	s := Store{Dir: t.TempDir()}
	j, err := s.Create(header("r1"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Delete("r1"); !errors.Is(err, ErrInUse) {
		t.Errorf("a run that goes on is deleted: %v", err)
	}
	if err := errors.Join(j.Close(), s.Delete("r1")); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(s.Dir); err != nil || len(left) != 0 {
		t.Errorf("%v is left, %v", left, err)
	}
	if err := s.Delete("r1"); err == nil {
		t.Error("what is not there is deleted")
	}
}

func TestFilesThatAreTooLargeAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readFile(path, 4); err == nil || !strings.Contains(err.Error(), "larger than 4 bytes") {
		t.Errorf("5 bytes of 4 give %v", err)
	}
	if data, err := readFile(path, 5); err != nil || len(data) != 5 {
		t.Errorf("5 bytes of 5 give %d, %v", len(data), err)
	}
}

// /dev/full is a disk without room.
func TestAFullDiskIsAnError(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full")
	}
	s := Store{Dir: t.TempDir()}
	dir := filepath.Join(s.Dir, "r1")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{trialsFile, reportFile + ".tmp"} {
		if err := os.Symlink("/dev/full", filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	j, err := s.Create(header("r1"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	if err := j.Trial(v1alpha1.Trial{ID: "a"}); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("a trial on a full disk gives %v", err)
	}
	if err := j.Finish(v1alpha1.Report{}); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("a report on a full disk gives %v", err)
	}
	if exists(filepath.Join(dir, reportFile)) || exists(filepath.Join(dir, reportFile+".tmp")) {
		t.Error("there is a part of a report")
	}
}

func FuzzParseHeader(f *testing.F) {
	f.Add([]byte(`{"version":1,"plan":{"RunID":"r1","Experiments":[{}],"Arms":[{}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if e, err := parseHeader("r1", data); err == nil && e.Plan.RunID != "r1" {
			t.Error("another run's journal is accepted")
		}
	})
}

func FuzzReadTrials(f *testing.F) {
	f.Add([]byte("{\"id\":\"a\"}\n{\"id\":"))
	f.Add([]byte("{\"resourcesOf\":\"a\",\"resources\":{}}\n{\"idle\":{}}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), trialsFile)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := readTrials(path, &Entry{}); err != nil {
			t.Error(err)
		}
	})
}
