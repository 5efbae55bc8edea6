package data

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

// What 'promtool check metrics' says of every golden: it asks this linter.
func TestPromtoolHasNothingToSay(t *testing.T) {
	goldens, err := filepath.Glob("testdata/*.prometheus")
	if err != nil || len(goldens) == 0 {
		t.Fatalf("%d goldens, %v", len(goldens), err)
	}
	for _, path := range goldens {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		problems, err := promlint.New(file).Lint()
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		for _, p := range problems {
			t.Errorf("%s: %s: %s", path, p.Metric, p.Text)
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}
}
