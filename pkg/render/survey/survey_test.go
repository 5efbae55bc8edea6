package survey

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

var update = flag.Bool("update", false, "write the golden files anew")

func tables(t *testing.T) []Table {
	t.Helper()
	c, err := mesh.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	all, err := Tables(c)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestGoldens(t *testing.T) {
	all := tables(t)
	for name, write := range map[string]func(io.Writer) error{
		"survey.table":    func(w io.Writer) error { return WriteTable(w, all, term.Style{}) },
		"narrow.table":    func(w io.Writer) error { return WriteTable(w, all, term.Style{Columns: 80}) },
		"survey.markdown": func(w io.Writer) error { return WriteMarkdown(w, all) },
		"survey.json":     func(w io.Writer) error { return WriteJSON(w, all) },
	} {
		var got bytes.Buffer
		if err := write(&got); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s differs (go test ./pkg/render/survey -update writes it anew)", path)
		}
	}
}

// Sources are addresses: they may be longer than a line; everything else fits.
func TestTablesFitTheirTerminal(t *testing.T) {
	for _, columns := range []int{80, 100} {
		var out bytes.Buffer
		if err := WriteTable(&out, tables(t), term.Style{Columns: columns}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			line = strings.TrimSuffix(line, "\n")
			if term.Len(line) > columns && !strings.Contains(line, "/") {
				t.Errorf("%d columns: line of %d: %s", columns, term.Len(line), line)
			}
		}
	}
}

func TestEveryTableOfTheThesisIsThere(t *testing.T) {
	numbers := map[string]bool{}
	for _, table := range tables(t) {
		numbers[table.Number] = true
		if len(table.Rows) == 0 {
			t.Errorf("table %s has no rows", table.Number)
		}
	}
	for _, number := range []string{"3.3", "3.4", "3.5", "3.6", "3.7", "3.8", "3.9", "3.10"} {
		if !numbers[number] {
			t.Errorf("there is no table %s", number)
		}
	}
}

func TestACellThatBelongsNowhereIsAnError(t *testing.T) {
	for _, c := range []struct{ rows, says string }{
		{"nowhere: {a: b}", "spec.survey.rows.nowhere: there is no such table"},
		{"proxy: {colour: red}", "spec.survey.rows.proxy.colour: there is no such column"},
	} {
		catalogue, err := mesh.Load(fstest.MapFS{"x.yaml": {Data: []byte("apiVersion: meshbench.dev/v1alpha1\nkind: Mesh\nmetadata: {name: x}\nspec: {title: X, support: named, lifecycle: {state: unknown}, survey: {rows: {" + c.rows + "}}, sources: [{fields: [lifecycle], status: unverified}]}\n")}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Tables(catalogue); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v, want %q", c.rows, err, c.says)
		}
	}
}

func TestTablesAreChosenByNumberOrName(t *testing.T) {
	all := tables(t)
	got, err := Select(all, []string{"3.6", "proxy"})
	if err != nil || len(got) != 2 || got[0].ID != "security" || got[1].Number != "3.4" {
		t.Errorf("selected %v, %v", got, err)
	}
	if _, err := Select(all, []string{"3.99"}); err == nil || !strings.Contains(err.Error(), "3.10 (requirements)") {
		t.Errorf("error %v does not list the tables", err)
	}
}
