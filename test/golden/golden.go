// Package golden holds what tests write against files of their package: the
// texts of testdata, which -update writes anew, and the reports that every
// format is tried on. It is no part of the product.
package golden

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Check compares a text with the file of that name in the package's testdata,
// long numbers but for their last digits.
func Check(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if where := difference(got, want); where != "" {
		t.Errorf("differs from %s (go test -update in its package writes it anew): %s", path, where)
	}
}

// Write is a format of a report.
type Write = func(io.Writer, v1alpha1.Report, term.Style) error

// Formats holds formats, by name, to a file for each report. Those that are
// named long are tried on one report only.
func Formats(t *testing.T, formats map[string]Write, long ...string) {
	t.Helper()
	for name, r := range Reports(t) {
		for format, write := range formats {
			if slices.Contains(long, format) && name != "few-rounds" {
				continue
			}
			t.Run(name+"/"+format, func(t *testing.T) {
				var got bytes.Buffer
				if err := write(&got, r, term.Style{}); err != nil {
					t.Fatal(err)
				}
				Check(t, name+"."+format, got.Bytes())
			})
		}
	}
}
