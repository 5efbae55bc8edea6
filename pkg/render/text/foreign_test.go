package text_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/core/foreign"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/render/text"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

// The second has too few requests for its p99, which is no ratio of 0.
func TestForeignResultsAreSetBesideTheFirst(t *testing.T) {
	var all []foreign.Result
	for _, name := range []string{"http.json", "slow.json", "grpc.json"} {
		data, err := os.ReadFile(filepath.Join("..", "..", "core", "foreign", "testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		read, err := foreign.Fortio(data, name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, read...)
	}
	var out bytes.Buffer
	if err := text.Foreign(&out, all, term.Style{}); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "foreign.table", out.Bytes())
}
