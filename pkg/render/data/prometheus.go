package data

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// Prometheus writes the text format, for a textfile collector or a push.
// The run's id is a label of meshbench_report_info alone: on every metric it would
// make new series of every run. Units are Prometheus' base units.
func Prometheus(out io.Writer, r v1alpha1.Report, _ term.Style) error {
	var b strings.Builder
	var family families = func(name, help string, write func(sample func(labels string, value float64))) {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name)
		write(func(labels string, value float64) {
			fmt.Fprintf(&b, "%s{%s} %s\n", name, labels, strconv.FormatFloat(value, 'g', -1, 64))
		})
	}
	meshes := map[string]string{}
	for _, a := range r.Arms {
		if a.DataPlane != nil {
			meshes[a.Name] = a.DataPlane.Mesh
		}
	}
	of := func(a v1alpha1.Address) string {
		return fmt.Sprintf(`experiment="%s",level="%s",arm="%s",mesh="%s"`, quoted(a.Experiment), quoted(a.Level),
			quoted(a.Arm), quoted(meshes[a.Arm]))
	}
	family("meshbench_report_info", "The run that these figures are of.", func(sample func(string, float64)) {
		sample(fmt.Sprintf(`run="%s",version="%s"`, quoted(r.Run.ID), quoted(r.Run.Version)), 1)
	})
	family("meshbench_report_timestamp_seconds", "When the run ended.", func(sample func(string, float64)) {
		sample(fmt.Sprintf(`version="%s"`, quoted(r.Run.Version)), float64(r.Run.FinishedAt.Unix()))
	})
	units := series()
	for _, u := range units {
		if !slices.ContainsFunc(r.Cells, func(c v1alpha1.Cell) bool {
			return slices.ContainsFunc(c.Values, func(v v1alpha1.MetricValue) bool { return u.holds(v.Metric, v.Unit) })
		}) {
			continue
		}
		family(u.name(), u.help, func(sample func(string, float64)) {
			for _, c := range r.Cells {
				for _, v := range c.Values {
					if !u.holds(v.Metric, v.Unit) || v.Value == nil || c.Void {
						continue
					}
					labels := of(c.Address)
					if u.label != "" {
						labels += fmt.Sprintf(`,%s="%s"`, u.label, quoted(string(v.Metric)))
					}
					sample(labels, *v.Value*u.base)
				}
			}
		})
	}
	differences(r, of, family)
	slopeSamples(r, of, family)
	for _, bound := range []struct {
		name, help string
		of         func(v1alpha1.Estimate) *float64
	}{
		{"meshbench_baseline_ratio", "Ratio to the baseline: geometric mean over rounds.",
			func(e v1alpha1.Estimate) *float64 { return &e.Value }},
		{"meshbench_baseline_ratio_low", "Lower end of the ratio's 95 % interval.",
			func(e v1alpha1.Estimate) *float64 { return e.Low }},
		{"meshbench_baseline_ratio_high", "Upper end of the ratio's 95 % interval.",
			func(e v1alpha1.Estimate) *float64 { return e.High }},
	} {
		family(bound.name, bound.help, func(sample func(string, float64)) {
			for _, c := range r.Comparisons {
				if c.Ratio == nil || bound.of(*c.Ratio) == nil {
					continue
				}
				sample(of(c.Address)+fmt.Sprintf(`,metric="%s"`, quoted(string(c.Metric))), *bound.of(*c.Ratio))
			}
		})
	}
	family("meshbench_baseline_ratio_rounds", "Rounds that the ratio is from; fewer than 4 carry no interval.",
		func(sample func(string, float64)) {
			for _, c := range r.Comparisons {
				if c.Ratio != nil {
					sample(of(c.Address)+fmt.Sprintf(`,metric="%s"`, quoted(string(c.Metric))), float64(c.Pairs))
				}
			}
		})
	if len(r.Searches) > 0 {
		family("meshbench_max_rate_requests_per_second",
			"Ends of the bracket around the highest rate that keeps an objective.", func(sample func(string, float64)) {
				for _, s := range r.Searches {
					if !s.Conclusive {
						continue
					}
					labels := of(s.Address) + fmt.Sprintf(`,slo="%s"`, quoted(s.SLO))
					sample(labels+`,end="holds"`, *s.HoldsAt)
					sample(labels+`,end="fails"`, *s.FailsAt)
				}
			})
		family("meshbench_max_rate_limit_requests_per_second",
			"Rate at which as many trials keep an objective as break it, and the ends of its 95 % interval; an end that "+
				"leaves the rates that were tried is absent.",
			func(sample func(string, float64)) {
				for _, s := range r.Searches {
					labels := of(s.Address) + fmt.Sprintf(`,slo="%s"`, quoted(s.SLO))
					for _, b := range limitBounds(s) {
						if b.rate != nil {
							sample(labels+fmt.Sprintf(`,bound="%s"`, b.name), *b.rate)
						}
					}
				}
			})
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// bound is a rate of a search's result, nil where there is none.
type bound struct {
	name string
	rate *float64
}

// limitBounds are the limit of a search and the ends of its interval.
func limitBounds(s v1alpha1.SearchResult) []bound {
	if s.Limit == nil {
		return nil
	}
	return []bound{{"value", s.Limit.Value}, {"low", s.Limit.Low}, {"high", s.Limit.High}}
}

// quoted makes a text safe inside a label's quotes.
func quoted(text string) string {
	text = term.Clean(text)
	if !strings.ContainsAny(text, `\"`) {
		return text
	}
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)
}
