package text_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/pkg/render/page"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/render/text"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

// A run of several rates says its prices without being asked.
func TestWideTablesAndPagesHavePrices(t *testing.T) {
	r, levels := fixture.Priced(6, nil)
	done, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
	if err != nil {
		t.Fatal(err)
	}
	const said = "for each 1,000 requests/s"
	for name, c := range map[string]struct {
		write golden.Write
		want  bool
	}{"table": {text.Table, false}, "wide": {text.Wide, true}, "page": {page.HTML, true}} {
		var out bytes.Buffer
		if err := c.write(&out, done, term.Style{}); err != nil {
			t.Fatal(err)
		}
		one := strings.Join(strings.Fields(out.String()), " ")
		if strings.Contains(one, said) != c.want || strings.Contains(one, "exp2, over the rate") != c.want {
			t.Errorf("%s has prices: %t, want %t:\n%s", name, !c.want, c.want, out.String()[:min(out.Len(), 4000)])
		}
	}
}
