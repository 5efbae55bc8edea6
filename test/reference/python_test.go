package reference

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

// hdrh stands for the package of that name, with as much of it as is used.
const hdrh = `
class HdrHistogram:
    def __init__(self, n): self.n = n
    @staticmethod
    def decode(data): return HdrHistogram(len(data) > 0)
    def add(self, other): self.n += other.n
    def get_value_at_percentile(self, p): return self.n * 1e6
`

// The program in docs/report.md reads a report with a trial that was void, and
// with one that completed without an answer.
func TestTheProgramThatReadsAReportRuns(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	text, err := os.ReadFile("../../docs/report.md")
	if err != nil {
		t.Fatal(err)
	}
	_, program, found := strings.Cut(string(text), "\n    import json\n")
	program, _, closed := strings.Cut(program, "\n\nAdd histograms")
	if !found || !closed {
		t.Fatal("docs/report.md has no program any more")
	}
	r, _ := fixture.Report(fixture.Options{Samples: 50, Experiment: fixture.Named("exp1", 4)})
	r.Trials[0].Load = &v1alpha1.LoadResult{}
	r.Trials[1].Load, r.Trials[1].Status = nil, v1alpha1.TrialVoid
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range map[string][]byte{
		"run.json": data, "read.py": []byte("import json\n" + strings.ReplaceAll(program, "\n    ", "\n")[4:]),
		filepath.Join("hdrh", "histogram.py"): []byte(hdrh), filepath.Join("hdrh", "__init__.py"): nil,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command(python, "read.py")
	c.Dir = dir
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	if got := strings.Count(string(out), " ms\n"); got != len(r.Arms) {
		t.Errorf("it prints %d lines, want one an arm: %s", got, out)
	}
}
