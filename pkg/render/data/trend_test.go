package data_test

import (
	"bytes"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/core/trend"
	"github.com/meshbench/kubectl-meshbench/pkg/render/data"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

func TestATrendForPrometheus(t *testing.T) {
	r := trend.Of(fixture.Sessions(.70, .71, .69, .70, .705, .60, .61, .59, .60, .60, .605),
		trend.Options{MinChange: 0.05})
	var b bytes.Buffer
	if err := data.TrendPrometheus(&b, r, term.Style{}); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "trend.prometheus", b.Bytes())
}
