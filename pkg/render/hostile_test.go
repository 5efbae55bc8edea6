package render_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math/rand/v2"
	"regexp"
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

// evil makes names of what formats are made of.
func evil(random *rand.Rand) string {
	parts := []string{
		"=1+1", "+cmd", "-2", "@SUM(A1)", "|", "\\", "`", "<script>", "</script>", "<!--", "]]>", "&amp;", "\"", "'", "\n",
		"\r\n", "\t", "\x1b[2J", "\x00", "\u202e", "\u2028",
		"{{.}}", "](http://example.org)", "${x}", ",", ";", " ", "name", "ü", "\xff", "%s", "javascript:", "* ", "# ",
		"\ufeff",
	}
	var name strings.Builder
	for range 1 + random.IntN(6) {
		name.WriteString(parts[random.IntN(len(parts))])
	}
	return name.String()
}

func hostileReport(t *testing.T, random *rand.Rand) v1alpha1.Report {
	t.Helper()
	arms := []string{"a" + evil(random), "b" + evil(random)}
	if random.IntN(2) == 0 {
		arms[1] = evil(random)
	}
	r := golden.Completed(t,
		fixture.Options{Arms: arms, Samples: 200, Experiment: fixture.Named("exp1", 4), Edit: fixture.WithWindow},
		func(r *v1alpha1.Report) {
			r.Run.ID, r.Run.Version, r.Run.WorkerImage, r.Cluster.Context = evil(random), evil(random), evil(random),
				evil(random)
			r.Arms[1].Mesh, r.Cluster.Nodes[0].CPUModel = evil(random), evil(random)
			r.Experiments[0].Spec.Question = evil(random)
			for i := range r.Trials {
				r.Trials[i].Load.Errors = []v1alpha1.ErrorCount{{Class: v1alpha1.ErrorStatus, Detail: evil(random), Count: 1}}
				for k := range r.Trials[i].Resources.Containers {
					r.Trials[i].Resources.Containers[k].Missing = evil(random)
				}
			}
		})
	r.Findings = append(r.Findings,
		v1alpha1.Finding{Code: evil(random), Severity: v1alpha1.SeverityVoid, Scope: v1alpha1.Scope{Arm: evil(random)},
			Evidence: evil(random),
			Advice:   evil(random)})
	r.Verdicts = []v1alpha1.Verdict{{SLO: evil(random), Address: v1alpha1.Address{Experiment: evil(random), Arm: arms[1]},
		Result: v1alpha1.VerdictFail, Evidence: evil(random)}}
	r.Cells[0].Values[0].Metric = v1alpha1.Metric(evil(random))
	return r
}

func TestHostileNamesStayNames(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 12 {
		r := hostileReport(t, random)
		for _, format := range render.Formats() {
			text := rendered(t, format, r, term.Style{})
			for _, problem := range broken(format, text) {
				t.Errorf("%s, arms %q: %s", format, []string{r.Arms[0].Name, r.Arms[1].Name}, problem)
			}
		}
	}
}

var (
	link   = regexp.MustCompile(`(^|[^\\])\]\(`)
	sample = regexp.MustCompile(`^[a-z_][a-z0-9_]*\{([a-z]+="([^"\\]|\\["\\])*",?)*\} \S+$`)
)

// broken says what is wrong with a text for its readers, human or not.
func broken(format string, text []byte) []string {
	var all []string
	want := func(ok bool, problem string) {
		if !ok {
			all = append(all, problem)
		}
	}
	for _, c := range string(text) {
		if c != '\n' && (unicode.IsControl(c) || c == '\u202e') {
			// JSON and YAML escape what they must, and lose nothing.
			want(format == "json" || format == "yaml" || format == "fortio" || format == "html", "a control character")
			break
		}
	}
	switch format {
	case "csv":
		rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		want(err == nil, "cannot be read")
		for _, row := range rows {
			for i, field := range row {
				want(i == len(row)-1 || field == "" || !strings.ContainsAny(field[:1], "=+-@\t\r"), "a field is a formula: "+field)
			}
		}
	case "markdown":
		columns := 0
		for line := range strings.Lines(string(text)) {
			if !strings.HasPrefix(line, "|") {
				columns = 0
				want(!strings.Contains(line, "|"), "a bar outside of tables: "+line)
				continue
			}
			n := strings.Count(line, "|")
			want(columns == 0 || n == columns, "a row has other columns: "+line)
			columns = n
		}
		want(!bytes.Contains(text, []byte("<")), "markup")
		want(!link.Match(text), "a link")
	case "junit":
		decoder := xml.NewDecoder(bytes.NewReader(text))
		depth := 0
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				all = append(all, "cannot be read: "+err.Error())
				break
			}
			if start, ok := token.(xml.StartElement); ok {
				depth++
				want(strings.Contains("testsuite testcase failure skipped system-out", start.Name.Local),
					"an element "+start.Name.Local)
			}
		}
		want(depth > 1, "no elements")
	case "html":
		want(bytes.Count(bytes.ToLower(text), []byte("<script")) == 1 &&
			bytes.Count(bytes.ToLower(text), []byte("</script")) == 1, "another script")
		_, embedded, _ := bytes.Cut(text, []byte(`id="report">`))
		embedded, _, _ = bytes.Cut(embedded, []byte("</script>"))
		want(json.Valid(embedded), "the embedded report cannot be read")
	case "json", "fortio":
		want(json.Valid(text), "cannot be read")
	case "prometheus":
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSuffix(line, "\n")
			want(strings.HasPrefix(line, "# ") || sample.MatchString(line), "a bad line: "+line)
		}
	case "benchstat":
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(line, "Benchmark") {
				want(len(strings.Fields(line))%2 == 0, "a line has no pairs: "+line)
			}
		}
	}
	return all
}

func TestBrokenTextsAreNoticed(t *testing.T) {
	for format, text := range map[string]string{
		"csv": "a,b\n=1,2\n", "markdown": "| a | b |\n| a | b | c |\n", "junit": "<testsuite><evil/></testsuite>",
		"html": "<script></script><script>",
		"json": "{", "prometheus": `x{a="b"c"} 1`, "benchstat": "Benchmark a b\n", "table": "\x1b[2J",
	} {
		if len(broken(format, []byte(text))) == 0 {
			t.Errorf("a broken %s is not noticed", format)
		}
	}
}

// Whatever can be read can be written, in every format, without a panic.
func FuzzEveryReportCanBeRendered(f *testing.F) {
	for _, o := range []fixture.Options{
		{Samples: 50, Experiment: fixture.Named("exp1", 2), Edit: fixture.WithWindow},
		{Samples: 50, Experiment: golden.Sweep(), Edit: fixture.WithWindow},
	} {
		data, err := json.Marshal(golden.Completed(f, o, nil))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := report.Parse(data)
		if err != nil {
			return
		}
		for _, name := range render.Formats() {
			format, err := render.ParseFormat(name)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			// An error is an answer: a histogram that says nothing, for one.
			if err := render.Write(&out, format, r, term.Style{}); err == nil && out.Len() == 0 {
				t.Errorf("%s is empty", name)
			}
		}
	})
}
