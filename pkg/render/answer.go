package render

import (
	"io"

	"github.com/meshbench/kubectl-meshbench/pkg/core/compare"
	"github.com/meshbench/kubectl-meshbench/pkg/core/foreign"
	"github.com/meshbench/kubectl-meshbench/pkg/core/pool"
	"github.com/meshbench/kubectl-meshbench/pkg/core/price"
	"github.com/meshbench/kubectl-meshbench/pkg/core/trend"
	"github.com/meshbench/kubectl-meshbench/pkg/render/data"
	"github.com/meshbench/kubectl-meshbench/pkg/render/page"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/render/text"
)

// AnswerFormats are those of one kind of answer that was computed from reports.
type AnswerFormats[T any] []FormatOf[T]

// Names lists them.
func (all AnswerFormats[T]) Names() []string { return names(all) }

// Parse returns the format of that name.
func (all AnswerFormats[T]) Parse(name string) (FormatOf[T], error) { return parse(all, name) }

// Comparisons are the formats of what changed between reports.
func Comparisons() AnswerFormats[compare.Result] {
	return AnswerFormats[compare.Result]{{"table", text.Comparison}, {"markdown", text.ComparisonMarkdown},
		{"json", data.ComparisonJSON}, {"junit", data.ComparisonJUnit}, {"prometheus", data.ComparisonPrometheus}}
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
