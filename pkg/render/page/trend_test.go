package page_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/core/trend"
	"github.com/meshbench/kubectl-meshbench/pkg/render/page"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

func TestThePageOfATrend(t *testing.T) {
	all := fixture.Sessions(.70, .71, .69, .70, .705, .60, .61, .59, .60, .60, .605)
	var b bytes.Buffer
	if err := page.Trend(&b, trend.Of(all, trend.Options{MinChange: 0.05}), "legend"); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "trend.html", b.Bytes())
	const evil = "<script>\x1b[2J"
	for i := range all {
		all[i].Run.ID += evil
		all[i].Arms[1].DataPlane.DataPlaneVersion += evil
	}
	b.Reset()
	if err := page.Trend(&b, trend.Of(all, trend.Options{MinChange: 0.05}), "legend"); err != nil {
		t.Fatal(err)
	}
	if text := b.String(); strings.Contains(text, "<script>") || strings.Contains(text, "\x1b") {
		t.Error("a name became markup")
	}
}
