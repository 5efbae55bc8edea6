package text_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/render/text"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

// A table is never wider than its terminal, with long names too; only a word
// that is longer has a line to itself.
func TestTablesFitTheirTerminal(t *testing.T) {
	reports := golden.Reports(t)
	reports["long-names"] = golden.Completed(t, fixture.Options{
		Arms: []string{"production-without-mesh", "istio-sidecar-1-30", "linkerd-edge-26-8"}, Experiment: golden.Sweep(),
	}, nil)
	reports["long-name"] = golden.Completed(t, fixture.Options{
		Arms: []string{"production-without-mesh", "istio-sidecar-1-30"}}, nil)
	for name, r := range reports {
		for format, write := range map[string]golden.Write{"table": text.Table, "wide": text.Wide} {
			for _, columns := range []int{60, 72, 80, 100, 132, 200} {
				t.Run(fmt.Sprintf("%s.%s.%d", name, format, columns), func(t *testing.T) {
					fits(t, write, r, columns)
				})
			}
		}
	}
}

func fits(t *testing.T, write golden.Write, r v1alpha1.Report, columns int) {
	t.Helper()
	var out bytes.Buffer
	if err := write(&out, r, term.Style{Columns: columns}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		line = strings.TrimSuffix(line, "\n")
		if term.Len(line) > columns && len(strings.Fields(line)) > 1 {
			t.Errorf("%d columns: %q", term.Len(line), line)
		}
	}
}

// What a run is asked for first is in the table at any width: each ratio with
// its interval, and what the arm adds in milliseconds with its own.
func TestEveryWidthHasRatioAndDifference(t *testing.T) {
	r := golden.Reports(t)["clean"]
	for _, columns := range []int{40, 60, 80, 120} {
		var out bytes.Buffer
		if err := text.Table(&out, r, term.Style{Columns: columns}); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"x1.50", "1.50..1.51", "+503 µs", "499..507"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%d columns: no %q in\n%s", columns, want, out.String())
			}
		}
	}
}
