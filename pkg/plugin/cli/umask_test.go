//go:build unix

package cli

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

// Who may read a report is for the umask to say, or for the file that is there.
func TestOutputFilesHonourTheUmask(t *testing.T) {
	dir := t.TempDir()
	there := filepath.Join(dir, "there.json")
	if err := os.WriteFile(there, nil, 0o640); err != nil {
		t.Fatal(err)
	}
	old := syscall.Umask(0o077)
	defer syscall.Umask(old)
	fresh := filepath.Join(dir, "fresh.json")
	f := &outputFlags{wanted: []string{"json=" + fresh, "json=" + there, "csv=" + dir + "/"}, color: "auto"}
	out, err := f.open(os.Stdout)
	if err != nil {
		t.Fatal(err)
	}
	report, _ := fixture.Report(fixture.Options{})
	if err := out.write(os.Stdout, report); err != nil {
		t.Fatal(err)
	}
	table := filepath.Join(dir, "observations.csv")
	for path, want := range map[string]os.FileMode{fresh: 0o600, there: 0o640, table: 0o600} {
		if info, err := os.Stat(path); err != nil {
			t.Error(err)
		} else if info.Mode().Perm() != want {
			t.Errorf("%s: %v; want %o", path, info.Mode(), want)
		}
	}
}
