package survey

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/core/mesh"
	"github.com/meshbench/kubectl-meshbench/pkg/core/survey"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

func chosen(t *testing.T, era survey.Era, names ...string) View {
	t.Helper()
	s, err := survey.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	c, err := mesh.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	v, err := Choose(s, c, era, names)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func written(t *testing.T, format string, v View, style term.Style) string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, format, v, style); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestGoldens(t *testing.T) {
	today, then := chosen(t, survey.Today), chosen(t, survey.In2022)
	for name, got := range map[string]string{
		"today.table":     written(t, "table", today, term.Style{Columns: 80}),
		"2022.table":      written(t, "table", then, term.Style{Columns: 80}),
		"cilium.table":    written(t, "table", chosen(t, survey.Today, "cilium"), term.Style{Columns: 80}),
		"sermant.table":   written(t, "table", chosen(t, survey.Today, "sermant"), term.Style{Columns: 80}),
		"parts.table":     written(t, "table", chosen(t, survey.Today, "3.10", "findings"), term.Style{Columns: 80}),
		"today.markdown":  written(t, "markdown", today, term.Style{}),
		"2022.markdown":   written(t, "markdown", then, term.Style{}),
		"cilium.markdown": written(t, "markdown", chosen(t, survey.Today, "cilium"), term.Style{}),
		"today.csv":       written(t, "csv", today, term.Style{}),
		"2022.csv":        written(t, "csv", then, term.Style{}),
		"security.json":   written(t, "json", chosen(t, survey.Today, "security", "findings", "kmesh"), term.Style{}),
		"security.html":   written(t, "html", chosen(t, survey.Today, "security"), term.Style{}),
	} {
		golden.Check(t, name, []byte(got))
	}
}

// Sources are addresses, which may be longer than a line.
func TestTextFitsItsTerminal(t *testing.T) {
	for _, era := range []survey.Era{survey.Today, survey.In2022} {
		v := chosen(t, era)
		meshes := chosen(t, era, "cilium", "istio-sidecar", "easemesh", "aeraki")
		for _, columns := range []int{80, 100, 132} {
			for _, text := range []string{written(t, "table", v, term.Style{Columns: columns}),
				written(t, "table", meshes, term.Style{Columns: columns})} {
				for line := range strings.Lines(text) {
					line = strings.TrimSuffix(line, "\n")
					words := strings.Fields(line)
					address := len(words) > 0 && len(words) <= 3 && strings.Contains(words[len(words)-1], "/")
					if term.Len(line) > columns && !address {
						t.Errorf("%d columns: line of %d: %s", columns, term.Len(line), line)
					}
				}
			}
		}
	}
}

func TestCSVHasOneLineForEachCell(t *testing.T) {
	for era, want := range map[survey.Era]int{
		// 420 cells of ten meshes, their proxies again in table 3.10, the pages of
		// four that the thesis leaves out, and the answers of tables 3.1 and 3.2.
		survey.In2022: 420 + 20 + 4 + 7 + 3,
		survey.Today:  0,
	} {
		rows, err := csv.NewReader(strings.NewReader(written(t, "csv", chosen(t, era), term.Style{}))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if want == 0 {
			for _, n := range survey.Count(chosen(t, era).Tables) {
				want += n
			}
			want -= survey.Count(chosen(t, era).Tables)[survey.Absent]
		}
		if len(rows)-1 != want {
			t.Errorf("era %d: %d lines, want %d", era, len(rows)-1, want)
		}
	}
}

func TestJSONSaysOfEveryCellWhatIsKnown(t *testing.T) {
	var d document
	if err := json.Unmarshal([]byte(written(t, "json", chosen(t, survey.Today), term.Style{})), &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Tables) != 9 || len(d.Findings) != 6 || len(d.Requirements) != 9 || len(d.Architectures) != 5 {
		t.Errorf("%d tables, %d findings, %d requirements, %d architectures", len(d.Tables), len(d.Findings),
			len(d.Requirements), len(d.Architectures))
	}
	for _, table := range d.Tables {
		for _, r := range table.Rows {
			for i, c := range r.Cells {
				if c.Change == "" || c.Value != "" && c.Status == "" {
					t.Errorf("%s %s %s: %+v", table.Number, r.System, table.Columns[i].ID, c)
				}
			}
		}
	}
}

func TestThePageNeedsNoNetworkAndNoScript(t *testing.T) {
	page := written(t, "html", chosen(t, survey.Today), term.Style{})
	for _, not := range []string{"<script", "<link", "src=", "@import", "url(", " style="} {
		if strings.Contains(page, not) {
			t.Errorf("the page holds %q", not)
		}
	}
	for _, want := range []string{"default-src 'none'; style-src 'sha256-", "prefers-color-scheme:dark", "<svg",
		"table-3-10"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not hold %q", want)
		}
	}
}

func TestTextFromADocumentCannotSteerATerminalOrAPage(t *testing.T) {
	bad := "\x1b[2J<script>x</script>|`*"
	v := View{Tables: []survey.Table{{ID: "proxy", Number: "3.4", Title: "t",
		Columns: []survey.Column{{ID: "proxy", Title: "P"}},
		Rows: []survey.Row{{System: "x", Names: []string{"X"}, Cells: []survey.Shown{{Value: bad, In2022: bad,
			Change: survey.Changed, Note: bad, Says: bad, Status: survey.StatusVerified,
			Sources: []survey.Source{{At: bad}}}}}}}}}
	if text := written(t, "table", v, term.Style{}); strings.Contains(text, "\x1b") {
		t.Errorf("the terminal gets %q", text)
	}
	if page := written(t, "html", v, term.Style{}); strings.Contains(page, "<script>") || strings.Contains(page, "\x1b") {
		t.Error("the page gets the script")
	}
	if text := written(t, "markdown", v, term.Style{}); strings.Contains(text, "<script>") {
		t.Error("the document gets the script")
	}
}

func TestWhatIsNotThereIsRefused(t *testing.T) {
	s, err := survey.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Choose(s, mesh.Catalogue{}, survey.Today, []string{"3.99"}); err == nil ||
		!strings.Contains(err.Error(), "3.10, requirements, measured, findings, architectures, aws-app-mesh") {
		t.Errorf("error %v does not list what there is", err)
	}
	if err := Write(&bytes.Buffer{}, "pdf", View{}, term.Style{}); err == nil ||
		!strings.Contains(err.Error(), "csv, json") {
		t.Errorf("error %v does not list the formats", err)
	}
}

func TestArchitecturesFitATerminal(t *testing.T) {
	for _, a := range survey.Architectures() {
		for _, width := range []int{60, 80, 132} {
			for _, line := range drawn(a, width) {
				if term.Len(line) > width {
					t.Errorf("%s, %d columns: %s", a.ID, width, line)
				}
			}
		}
	}
}

// What a mesh's document says in words is shown to somebody: no word of it is
// there for nobody.
func TestNothingInAMeshsDocumentIsThereForNobody(t *testing.T) {
	catalogue, err := mesh.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range catalogue.All() {
		shown := ""
		for _, f := range facts(One{Mesh: &m}) {
			shown += f.Name + ": " + f.Text + "\n"
		}
		words := []string{m.Summary, m.Lifecycle.Note, m.Lifecycle.LatestSeen, m.Lifecycle.CNCF, m.Address.Note,
			m.Address.Impossible, m.Enrol.How, m.Proxy, m.Fairness.Limits.Default, m.Fairness.Threads.Default}
		words = append(words, m.Notes...)
		for _, v := range m.Variants {
			words = append(words, v.Title, v.Note)
		}
		for _, c := range m.Costs {
			words = append(words, c.Note)
		}
		for _, x := range m.Measured {
			words = append(words, x.Version, x.How)
		}
		for _, w := range words {
			if !strings.Contains(shown, term.Clean(w)) {
				t.Errorf("%s: nobody is told %q", m.ID, w)
			}
		}
	}
}
