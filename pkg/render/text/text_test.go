package text_test

import (
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/render/text"
	"github.com/meshbench/kubectl-meshbench/test/golden"
)

func TestGoldens(t *testing.T) {
	golden.Formats(t, map[string]golden.Write{
		"table": text.Table, "wide": text.Wide, "markdown": text.Markdown,
	})
}
