package golden

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Stored is the path of a report in the package's testdata, compressed. It is read
// as it was first written, as users' reports are: -update makes it only where there
// is none.
func Stored(t *testing.T, name string, made func() v1alpha1.Report) string {
	t.Helper()
	path := filepath.Join("testdata", name)
	_, err := os.Stat(path)
	if *update && errors.Is(err, fs.ErrNotExist) {
		err = write(path, made())
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func write(path string, r v1alpha1.Report) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	out := gzip.NewWriter(f)
	return errors.Join(json.NewEncoder(out).Encode(r), out.Close(), f.Close())
}
