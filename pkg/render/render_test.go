package render_test

import (
	"bytes"
	"encoding/csv"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/pkg/render"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

var update = flag.Bool("update", false, "write the golden files anew")

func completed(t testing.TB, o fixture.Options, edit func(*v1alpha1.Report)) v1alpha1.Report {
	t.Helper()
	r, levels := fixture.Report(o)
	if edit != nil {
		edit(&r)
	}
	done, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func sweep() v1alpha1.Experiment {
	e := fixture.Named("exp2", 4)
	e.Spec.Factors.Rate = v1alpha1.Values[v1alpha1.Rate]{100, 1000}
	return e
}

func reports(t testing.TB) map[string]v1alpha1.Report {
	t.Helper()
	return map[string]v1alpha1.Report{
		"clean":      completed(t, fixture.Options{Samples: 20_000}, nil),
		"levels":     completed(t, fixture.Options{Arms: []string{"plain", "meshy", "other"}, Experiment: sweep()}, nil),
		"few-rounds": completed(t, fixture.Options{Experiment: fixture.Named("exp1", 2)}, nil),
		"one-round":  completed(t, fixture.Options{Experiment: fixture.Named("exp1", 1)}, nil),
		"equal": completed(t,
			fixture.Options{Latency: func(string, v1alpha1.Level, int) time.Duration { return time.Millisecond }}, nil),
		"void": completed(t, fixture.Options{}, func(r *v1alpha1.Report) {
			r.Arms[0].Target.Containers = append(r.Arms[0].Target.Containers, v1alpha1.Container{Name: "stray", Injected: true})
			r.Arms[0].DataPlane.OwnContainers = []string{"stray"}
		}),
		"interrupted": completed(t, fixture.Options{}, func(r *v1alpha1.Report) {
			r.Trials, r.Run.Interrupted = r.Trials[:1], true
		}),
		"max-rate":   analysed(t, fixture.Search, fixture.SearchOptions{}),
		"capacity":   withCapacity(t),
		"objectives": withVerdicts(completed(t, fixture.Options{}, nil)),
		"errors": completed(t, fixture.Options{Edit: func(x *v1alpha1.Trial) {
			if x.Arm == "meshy" {
				x.Load.Errors = []v1alpha1.ErrorCount{{Class: v1alpha1.ErrorStatus, Detail: "503", Count: int64(x.Round)}}
			}
		}}, nil),
	}
}

func analysed[O any](t testing.TB, from func(O) (v1alpha1.Report, map[string][]v1alpha1.Level), o O) v1alpha1.Report {
	t.Helper()
	r, levels := from(o)
	done, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// withCapacity is a run of capacity and a search that has not ended.
func withCapacity(t testing.TB) v1alpha1.Report {
	t.Helper()
	return analysed(t, func(struct{}) (v1alpha1.Report, map[string][]v1alpha1.Level) {
		capacity, levels := fixture.Report(fixture.Options{Experiment: fixture.Capacity(4)})
		other, more := fixture.Report(fixture.Options{Latency: func(arm string, _ v1alpha1.Level, _ int) time.Duration {
			return map[string]time.Duration{"meshy": 500 * time.Microsecond}[arm] + 1030*time.Microsecond
		}})
		capacity, levels = fixture.Join(capacity, levels, other, more)
		search, more := fixture.Search(fixture.SearchOptions{})
		search.Trials = search.Trials[:9]
		return fixture.Join(capacity, levels, search, more)
	}, struct{}{})
}

func withVerdicts(r v1alpha1.Report) v1alpha1.Report {
	for _, result := range []v1alpha1.VerdictResult{v1alpha1.VerdictPass, v1alpha1.VerdictFail,
		v1alpha1.VerdictInconclusive} {
		r.Verdicts = append(r.Verdicts, v1alpha1.Verdict{
			SLO: "p99 < 20ms", Address: v1alpha1.Address{Experiment: "exp1", Level: "default", Arm: "meshy"}, Result: result,
			Evidence: "p99 is 3.02 ms [2.98 ms, 3.06 ms]",
		})
	}
	return r
}

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

func TestGoldens(t *testing.T) {
	for name, r := range reports(t) {
		for _, format := range render.Formats() {
			if (format == "json" || format == "yaml" || format == "html" || format == "fortio") && name != "few-rounds" {
				continue // one of them is enough, and they are long
			}
			t.Run(name+"/"+format, func(t *testing.T) {
				got := rendered(t, format, r, term.Style{})
				path := filepath.Join("testdata", name+"."+format)
				if *update {
					if err := os.WriteFile(path, got, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, want) {
					t.Errorf("differs from %s (go test ./pkg/render -update writes it anew); got:\n%s", path, got)
				}
			})
		}
	}
}

func TestColourSaysNothingThatWordsDoNot(t *testing.T) {
	r := reports(t)["clean"]
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
	r := completed(t, fixture.Options{Arms: []string{"plain", evil}}, func(r *v1alpha1.Report) {
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
	for name, r := range reports(t) {
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
	for name, r := range reports(t) {
		rows, err := csv.NewReader(bytes.NewReader(rendered(t, "csv", r, term.Style{}))).ReadAll()
		if err != nil || len(rows) < 2 {
			t.Errorf("%s: %d rows: %v", name, len(rows), err)
		}
	}
}
