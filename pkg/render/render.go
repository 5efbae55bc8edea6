// Package render is the list of formats that a report is written in. A format
// is a value; adding one adds a file to its room (text, data or page) and a line
// here.
package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/render/data"
	"github.com/meshbench/kubectl-meshbench/pkg/render/page"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/render/text"
)

// FormatOf is a way to write a document of type T.
type FormatOf[T any] struct {
	// Name is what follows -o.
	Name  string
	write func(io.Writer, T, term.Style) error
}

// Format is a way to write a report.
type Format = FormatOf[v1alpha1.Report]

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

// NewFormat returns a format of a document that is not known here.
func NewFormat[T any](name string, write func(io.Writer, T, term.Style) error) FormatOf[T] {
	return FormatOf[T]{name, write}
}

// Formats lists the names of all formats of a report.
func Formats() []string { return names(formats()) }

func names[T any](all []FormatOf[T]) []string {
	var names []string
	for _, f := range all {
		names = append(names, f.Name)
	}
	return names
}

// ParseFormat returns the format of that name.
func ParseFormat(name string) (Format, error) { return parse(formats(), name) }

func parse[T any](all []FormatOf[T], name string) (FormatOf[T], error) {
	for _, f := range all {
		if f.Name == name {
			return f, nil
		}
	}
	return FormatOf[T]{}, fmt.Errorf("no format %q: want one of %s", name, strings.Join(names(all), ", "))
}

// Write writes a report. Only formats for people use the style.
func Write(out io.Writer, f Format, r v1alpha1.Report, style term.Style) error {
	return f.to(out, "report", r, style)
}

// Write writes a document. Only formats for people use the style.
func (f FormatOf[T]) Write(out io.Writer, document T, style term.Style) error {
	return f.to(out, "answer", document, style)
}

func (f FormatOf[T]) to(out io.Writer, what string, document T, style term.Style) error {
	if f.write == nil {
		return fmt.Errorf("write %s: no format", what)
	}
	if err := f.write(out, document, style); err != nil {
		return fmt.Errorf("write %s as %s: %w", what, f.Name, err)
	}
	return nil
}
