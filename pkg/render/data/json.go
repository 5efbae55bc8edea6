// Package data writes reports for machines: the report itself, and what other
// programs read of it.
package data

import (
	"io"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/effect"
	"github.com/meshbench/kubectl-meshbench/pkg/core/slope"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// JSON writes the report as it is, with the effects that follow from its cells.
func JSON(out io.Writer, r v1alpha1.Report, _ term.Style) error {
	r.Effects, r.Slopes = effect.Of(r), slope.Of(r)
	return ValueJSON(out, r)
}
