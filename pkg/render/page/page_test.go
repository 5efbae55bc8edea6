package page_test

import (
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/render/page"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

func TestGoldens(t *testing.T) {
	golden.Formats(t, map[string]golden.Write{"html": page.HTML}, "html")
}
