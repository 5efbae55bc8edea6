package journal

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/plan"
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
	if err := errors.Join(j.Trial(v1alpha1.Trial{ID: "c"}), j.Finish(v1alpha1.Report{Kind: v1alpha1.KindReport}), j.Close()); err != nil {
		t.Fatal(err)
	}
	e, err := s.Read("r1")
	if err != nil || len(e.Trials) != 2 || e.Trials[0].ID != "a" || e.Trials[1].ID != "c" || e.Plan.Seed != 7 || e.Report == "" {
		t.Errorf("read %+v, %v; want trials a and c, seed 7 and a report", e, err)
	}
	later := header("r2")
	later.Begun = time.Unix(2, 0)
	if j, err = s.Create(later); err != nil || j.Close() != nil {
		t.Fatal(err)
	}
	if all, err := s.List(); err != nil || len(all) != 2 || all[0].Plan.RunID != "r2" {
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
	for id, text := range map[string]string{"truncated": `{"version":1,`, "future": `{"version":9,"plan":{"RunID":"future"}}`} {
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
	if all, err := s.List(); err != nil || len(all) != 0 {
		t.Errorf("bad journals are listed: %v, %v", all, err)
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
	if dir, err = DefaultDir(func(string) string { return "relative" }); err != nil || !strings.HasSuffix(dir, "/.local/state/kubectl-meshbench/runs") {
		t.Errorf("directory is %s, %v", dir, err)
	}
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
