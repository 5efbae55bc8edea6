package render_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/core/compare"
	"github.com/meshbench/kubectl-meshbench/pkg/core/gate"
	"github.com/meshbench/kubectl-meshbench/pkg/render"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
)

// A report may come from anywhere: what can be read can be rendered, held to an
// objective, and compared.
func FuzzReports(f *testing.F) {
	for _, name := range []string{"few-rounds.json", "few-rounds.yaml"} {
		data, err := os.ReadFile(filepath.Join("data", "testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	const head = `{"apiVersion":"meshbench.dev/v1alpha1","kind":"Report","metadata":{"name":"r"},"arms":[{"name":"a","namespace":"a","role":"baseline"}]`
	f.Add([]byte(head + `,"experiments":[{"spec":{"search":{"slo":"x"}}}],"searches":[{"arm":"a","ratio":{"value":1}}]}`))
	f.Add([]byte(head +
		`,"experiments":[{"spec":{"factors":{"rate":[1,2]}}}],"trials":[{"arm":"a","load":{}}],"cells":[{"arm":"a","rounds":1,"values":[{}]}],"comparisons":[{"arm":"a","evidence":"higher"}]}`))
	slo, err := gate.Parse("p99 < 1.5 * baseline")
	if err != nil {
		f.Fatal(err)
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
			_ = render.Write(io.Discard, format, r, term.Style{}) // an error is no panic
		}
		_, _ = gate.Evaluate(r, []gate.SLO{slo})
		compare.Reports(r, r)
	})
}
