package text_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/render/text"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

func TestComparisonGoldens(t *testing.T) {
	golden.ComparisonFormats(t, map[string]golden.WriteComparison{
		"table": text.Comparison, "markdown": text.ComparisonMarkdown,
	})
}

func TestComparisonsFitTheirTerminal(t *testing.T) {
	for name, r := range golden.Comparisons(t) {
		for _, columns := range []int{72, 80, 120} {
			var out bytes.Buffer
			if err := text.Comparison(&out, r, term.Style{Columns: columns}); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(out.String()) {
				if line = strings.TrimSuffix(line, "\n"); term.Len(line) > columns {
					t.Errorf("%s, %d columns: %q has %d", name, columns, line, term.Len(line))
				}
			}
		}
	}
}
