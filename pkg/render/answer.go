package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/core/foreign"
	"github.com/meshbench/kubectl-meshbench/pkg/core/pool"
	"github.com/meshbench/kubectl-meshbench/pkg/core/price"
	"github.com/meshbench/kubectl-meshbench/pkg/core/trend"
	"github.com/meshbench/kubectl-meshbench/pkg/render/data"
	"github.com/meshbench/kubectl-meshbench/pkg/render/page"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/render/text"
)

// AnswerFormat is a way to write an answer of type T that was computed from
// reports.
type AnswerFormat[T any] struct {
	Name  string
	write func(io.Writer, T, term.Style) error
}

// Write writes the answer. Only formats for people use the style.
func (f AnswerFormat[T]) Write(out io.Writer, answer T, style term.Style) error {
	if err := f.write(out, answer, style); err != nil {
		return fmt.Errorf("write as %s: %w", f.Name, err)
	}
	return nil
}

// AnswerFormats are those of one kind of answer.
type AnswerFormats[T any] []AnswerFormat[T]

// Names lists them.
func (all AnswerFormats[T]) Names() []string {
	var names []string
	for _, f := range all {
		names = append(names, f.Name)
	}
	return names
}

// Parse returns the format of that name.
func (all AnswerFormats[T]) Parse(name string) (AnswerFormat[T], error) {
	for _, f := range all {
		if f.Name == name {
			return f, nil
		}
	}
	return AnswerFormat[T]{}, fmt.Errorf("no format %q: want one of %s", name, strings.Join(all.Names(), ", "))
}

// Prices are the formats of what a mesh costs.
func Prices() AnswerFormats[price.Sheet] {
	return AnswerFormats[price.Sheet]{{"table", text.Prices}, {"json", asJSON[price.Sheet]}, {"yaml", asYAML[price.Sheet]}}
}

// Pools are the formats of several reports as one.
func Pools() AnswerFormats[pool.Result] {
	return AnswerFormats[pool.Result]{{"table", text.Pool}, {"json", asJSON[pool.Result]}, {"yaml", asYAML[pool.Result]}}
}

// Trends are the formats of many runs over time.
func Trends() AnswerFormats[trend.Result] {
	html := func(out io.Writer, r trend.Result, _ term.Style) error {
		return page.Trend(out, r, text.TrendLegend(r))
	}
	return AnswerFormats[trend.Result]{{"table", text.Trend}, {"wide", text.TrendPoints}, {"json", asJSON[trend.Result]},
		{"yaml", asYAML[trend.Result]}, {"html", html}, {"prometheus", data.TrendPrometheus}}
}

// Foreign are the formats of results of another load generator.
func Foreign() AnswerFormats[[]foreign.Result] {
	return AnswerFormats[[]foreign.Result]{{"table", text.Foreign}, {"json", asJSON[[]foreign.Result]},
		{"yaml", asYAML[[]foreign.Result]}}
}

func asJSON[T any](out io.Writer, v T, _ term.Style) error { return data.ValueJSON(out, v) }

func asYAML[T any](out io.Writer, v T, _ term.Style) error { return data.ValueYAML(out, v) }
