// Package render is the list of formats that a report is written in. A format
// is a value; adding one adds a file to its room (text, data or page) and a line
// here.
package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/compare"
	"github.com/meshbench/kubectl-meshbench/pkg/render/data"
	"github.com/meshbench/kubectl-meshbench/pkg/render/page"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/render/text"
)

// Format is a way to write a report.
type Format struct {
	// Name is what follows -o.
	Name  string
	write func(io.Writer, v1alpha1.Report, term.Style) error
}

func formats() []Format {
	return []Format{
		{"table", text.Table},
		{"wide", text.Wide},
		{"json", data.JSON},
		{"yaml", data.YAML},
		{"csv", data.CSV},
		{"markdown", text.Markdown},
		{"html", page.HTML},
		{"junit", data.JUnit},
		{"prometheus", data.Prometheus},
		{"benchstat", data.Benchstat},
		{"fortio", data.Fortio},
	}
}

// Formats lists the names of all formats.
func Formats() []string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.Name)
	}
	return names
}

// ParseFormat returns the format of that name.
func ParseFormat(name string) (Format, error) {
	for _, f := range formats() {
		if f.Name == name {
			return f, nil
		}
	}
	return Format{}, fmt.Errorf("no format %q: want one of %s", name, strings.Join(Formats(), ", "))
}

// Write writes a report. Only formats for people use the style.
func Write(out io.Writer, f Format, r v1alpha1.Report, style term.Style) error {
	if f.write == nil {
		return fmt.Errorf("write report: no format")
	}
	if err := f.write(out, r, style); err != nil {
		return fmt.Errorf("write report as %s: %w", f.Name, err)
	}
	return nil
}

// ComparisonFormats are the names of the formats of a comparison.
func ComparisonFormats() []string { return text.ComparisonFormats() }

// WriteComparison writes a comparison of two reports in one of them.
func WriteComparison(out io.Writer, format string, r compare.Result) error {
	return text.WriteComparison(out, format, r)
}
