package text_test

import (
	"bytes"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/core/pool"
	"github.com/meshbench/kubectl-meshbench/pkg/core/trend"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/render/text"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

func TestManyRunsAreWritten(t *testing.T) {
	r := trend.Of(fixture.Sessions(.70, .71, .69, .70, .705, .60, .61, .59, .60, .60, .605),
		trend.Options{MinChange: 0.05, Reference: "run-00"})
	pooled := pool.Reports(fixture.Sessions(.70, .74, .69, .72))
	two := pool.Reports(fixture.Sessions(.70, .74))
	for name, write := range map[string]func(*bytes.Buffer) error{
		"trend.table":    func(b *bytes.Buffer) error { return text.Trend(b, r, term.Style{}) },
		"trend.wide":     func(b *bytes.Buffer) error { return text.TrendPoints(b, r, term.Style{}) },
		"pool.table":     func(b *bytes.Buffer) error { return text.Pool(b, pooled, term.Style{}) },
		"pool-two.table": func(b *bytes.Buffer) error { return text.Pool(b, two, term.Style{}) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		golden.Check(t, name, b.Bytes())
	}
}
