// Package data writes reports for machines: the report itself, and what other
// programs read of it.
package data

import (
	"encoding/json"
	"io"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// JSON writes the report as it is.
func JSON(out io.Writer, r v1alpha1.Report, _ term.Style) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}
