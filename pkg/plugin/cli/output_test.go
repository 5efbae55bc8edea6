package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

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
