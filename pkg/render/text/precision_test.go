package text_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/render/text"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

func TestATableSaysWhatAPrecisionTook(t *testing.T) {
	e := fixture.Named("exp1", 8)
	e.Spec.Schedule.Precision = 0.02
	r := golden.Completed(t, fixture.Options{Experiment: e, Samples: 200}, nil)
	for _, write := range []golden.Write{text.Table, text.Markdown} {
		var out bytes.Buffer
		if err := write(&out, r, term.Style{Columns: 200}); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"precision", "rounds for a factor of 1.02 either way, as the first 6 ask for",
			"up to 8 rounds of"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("no %q in\n%s", want, out.String())
			}
		}
	}
}
