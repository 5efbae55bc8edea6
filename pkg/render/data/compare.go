package data

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/compare"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/quantity"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// ComparisonJSON writes a comparison of reports with every digit.
func ComparisonJSON(out io.Writer, r compare.Result, _ term.Style) error {
	return term.JSON(out, r)
}

// ComparisonJUnit writes one case per metric of an arm: a regression fails, what
// cannot be told is skipped, not passed.
func ComparisonJUnit(out io.Writer, r compare.Result, _ term.Style) error {
	suite := junitSuite{Name: "meshbench compare"}
	for _, c := range r.Changes {
		one := junitCase{Class: className(c.Address), Name: term.Clean(string(c.Metric))}
		text := changeText(c)
		switch c.Word {
		case compare.Regression:
			one.Failure = &junitMessage{Message: className(c.Address) + ": " + text}
		case compare.Undecided, compare.Unknown:
			if c.Reason != "" {
				text += ": " + term.Clean(c.Reason)
			}
			one.Skipped = &junitMessage{Message: text}
		default:
			one.Output = text
		}
		suite.add(one)
	}
	var warnings []string
	for _, w := range r.Warnings {
		warnings = append(warnings, "WARN "+term.Clean(w))
	}
	suite.Output = strings.Join(warnings, "\n")
	return suite.write(out)
}

// changeText says in one line what changed: "p99 regression: x1.25 [1.20..1.31]".
func changeText(c compare.Change) string {
	text := fmt.Sprintf("%s %s", term.Clean(string(c.Metric)), c.Word)
	switch {
	case c.Difference != nil:
		m, _ := metric.Find(c.Metric)
		point, interval := quantity.Difference(*c.Difference, m.Unit)
		text += ": " + quantity.Within(point, "[", interval, "]")
	case c.Factor != nil:
		point, interval := quantity.Ratio(*c.Factor)
		text += ": " + quantity.Within(point, "[", interval, "]")
	}
	return text
}

// ComparisonPrometheus writes the text format: what changed, and the word for it.
func ComparisonPrometheus(out io.Writer, r compare.Result, _ term.Style) error {
	var b strings.Builder
	gauge := func(name, help string, of func(compare.Change) map[string]*float64) {
		head := fmt.Sprintf("# HELP %s %s\n# TYPE %s gauge\n", name, help, name)
		for _, c := range r.Changes {
			values := of(c)
			for _, bound := range []string{"", "value", "low", "high"} {
				v := values[bound]
				if v == nil {
					continue
				}
				labels := fmt.Sprintf(`experiment="%s",level="%s",arm="%s",metric="%s"`, quoted(c.Experiment), quoted(c.Level),
					quoted(c.Arm), quoted(string(c.Metric)))
				if bound == "" {
					labels += fmt.Sprintf(`,verdict="%s"`, quoted(string(c.Word)))
				} else {
					labels += fmt.Sprintf(`,bound="%s"`, bound)
				}
				fmt.Fprintf(&b, "%s%s{%s} %s\n", head, name, labels, strconv.FormatFloat(*v, 'g', -1, 64))
				head = ""
			}
		}
	}
	estimate := func(e *v1alpha1.Estimate) map[string]*float64 {
		if e == nil {
			return nil
		}
		return map[string]*float64{"value": &e.Value, "low": e.Low, "high": e.High}
	}
	gauge("meshbench_change_ratio", "Ratio to the baseline after, by that before, with the ends of its interval.",
		func(c compare.Change) map[string]*float64 { return estimate(c.Factor) })
	gauge("meshbench_failed_requests_change_ratio", "Share of failed requests beyond the baseline's, after less before.",
		func(c compare.Change) map[string]*float64 { return estimate(c.Difference) })
	one := 1.0
	gauge("meshbench_change_verdict", "What a change is called, as its label.",
		func(compare.Change) map[string]*float64 { return map[string]*float64{"": &one} })
	_, err := io.WriteString(out, b.String())
	return err
}

func (s *junitSuite) add(c junitCase) {
	s.Tests++
	if c.Failure != nil {
		s.Failures++
	}
	if c.Skipped != nil {
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

func (s *junitSuite) write(out io.Writer) error {
	if _, err := io.WriteString(out, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(out)
	encoder.Indent("", "  ")
	if err := encoder.Encode(s); err != nil {
		return err
	}
	_, err := io.WriteString(out, "\n")
	return err
}
