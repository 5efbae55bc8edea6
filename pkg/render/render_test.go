package render_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"unicode"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/render"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

func rendered(t testing.TB, name string, r v1alpha1.Report, style term.Style) []byte {
	t.Helper()
	f, err := render.ParseFormat(name)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := render.Write(&out, f, r, style); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestColourSaysNothingThatWordsDoNot(t *testing.T) {
	r := golden.Reports(t)["clean"]
	coloured := string(rendered(t, "table", r, term.Style{Color: true}))
	if !strings.Contains(coloured, "\x1b[") {
		t.Fatal("there is no colour")
	}
	for _, code := range []string{"0", "1", "2", "31", "32", "33"} {
		coloured = strings.ReplaceAll(coloured, "\x1b["+code+"m", "")
	}
	if plain := string(rendered(t, "table", r, term.Style{})); plain != coloured {
		t.Errorf("without its colours the table differs from the plain one:\n%s\n%s", coloured, plain)
	}
}

// Names may come from a report that somebody else wrote.
func TestNamesCannotSteerATerminal(t *testing.T) {
	const evil = "\x1b[2Jevil\u202e|<script>\r\n"
	r := golden.Completed(t, fixture.Options{Arms: []string{"plain", evil}}, func(r *v1alpha1.Report) {
		r.Cluster.Context, r.Run.WorkerImage = evil, evil
		r.Arms[1].Mesh = evil
	})
	for _, format := range []string{"table", "wide", "markdown"} {
		text := string(rendered(t, format, r, term.Style{}))
		for _, c := range text {
			if c != '\n' && unicode.IsControl(c) || c == '\u202e' {
				t.Errorf("%s holds the control character %q", format, c)
				break
			}
		}
	}
	for _, format := range []string{"markdown", "html"} {
		if text := string(rendered(t, format, r, term.Style{})); strings.Contains(text, "<script>") {
			t.Errorf("%s holds markup of a name", format)
		}
	}
}

func TestReportsComeBackAsTheyWere(t *testing.T) {
	for name, r := range golden.Reports(t) {
		for _, format := range []string{"json", "yaml"} {
			data := rendered(t, format, r, term.Style{})
			back, err := report.Parse(data)
			if err != nil {
				t.Fatalf("%s as %s: %v", name, format, err)
			}
			if again := rendered(t, format, back, term.Style{}); !bytes.Equal(again, data) {
				t.Errorf("%s as %s is another report when it is read and written again", name, format)
			}
		}
	}
}

func TestEveryRowOfACSVHasItsColumns(t *testing.T) {
	for name, r := range golden.Reports(t) {
		rows, err := csv.NewReader(bytes.NewReader(rendered(t, "csv", r, term.Style{}))).ReadAll()
		if err != nil || len(rows) < 2 {
			t.Errorf("%s: %d rows: %v", name, len(rows), err)
		}
	}
}
