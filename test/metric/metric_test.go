// Package metric keeps the one table of metrics what all of the product looks up.
package metric_test

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/analyse"
	"github.com/meshbench/kubectl-meshbench/pkg/core/gate"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/search"
	"github.com/meshbench/kubectl-meshbench/pkg/render"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
	"github.com/meshbench/kubectl-meshbench/test/fixture"
)

func complete(t *testing.T, o fixture.Options) v1alpha1.Report {
	t.Helper()
	r, levels := fixture.Report(o)
	done, err := analyse.Complete(analyse.Input{Report: r, Levels: levels})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func written(t *testing.T, format string, r v1alpha1.Report) string {
	t.Helper()
	f, err := render.ParseFormat(format)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := render.Write(&out, f, r, term.Style{}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// mention is what a format shows of a metric, if it holds it.
func mention(format string, m metric.Metric) string {
	name := regexp.QuoteMeta(string(m.Name))
	if m.Disturbed {
		switch format {
		case "prometheus":
			return `meshbench_disturbed_(requests|seconds)\{[^\n]*"` + name + `"`
		case "benchstat":
			return ""
		}
	}
	switch format {
	case "json", "yaml":
		return `"?metric"?: "?` + name + `"?\b`
	case "csv":
		return "," + name + ","
	case "prometheus":
		return map[v1alpha1.Unit]string{v1alpha1.UnitPerSecond: "meshbench_throughput_requests_per_second{",
			v1alpha1.UnitTimes: "meshbench_received_requests_per_sent_request{",
			v1alpha1.UnitRatio: "meshbench_failed_requests_ratio{"}[m.Unit] + `(?m:[^\n]*"` + name + `")?`
	case "benchstat":
		return map[v1alpha1.Unit]string{v1alpha1.UnitPerSecond: " req/s"}[m.Unit] + fmt.Sprintf("( %s-[a-z])?", name)
	case "table", "wide":
		if m.Shown == metric.InTable || m.Shown == metric.InWide && format == "wide" {
			return `(?m:^` + regexp.QuoteMeta(m.Column) + ` .* \d)`
		}
	case "markdown":
		if m.Shown == metric.InTable {
			return `(?m:^\| arm .*\b` + regexp.QuoteMeta(m.Column) + `\b)`
		}
	case "html":
		if m.Shown == metric.InTable {
			return "<th[^>]*>" + regexp.QuoteMeta(m.Column) + "</th>"
		}
		if m.Shown == metric.InWide && m.IsLatency() {
			return "<td>" + regexp.QuoteMeta(m.Label) + "</td>"
		}
	case "fortio":
		if m.Quantile > 0 && !m.Answered {
			return fmt.Sprintf(`"Percentile": %s,`, strings.TrimPrefix(name, "p"))
		}
	}
	return ""
}

func TestAMetricOfTheTableIsInEveryFormat(t *testing.T) {
	// What goes without saying has no column, so here something retries, and in another
	// report some requests fail.
	r := complete(t,
		fixture.Options{Samples: 100_000, Experiment: fixture.Named("exp1", 4), Edit: func(t *v1alpha1.Trial) {
			if t.Arm == "meshy" {
				t.Received.Received += t.Received.Sent / 10
			}
		}})
	failing := complete(t, fixture.Errors(fixture.Options{}))
	disturbed := complete(t, fixture.Kills(fixture.Options{}))
	for _, format := range render.Formats() {
		text := written(t, format, r) + written(t, format, failing) + written(t, format, disturbed)
		for _, m := range metric.Main() {
			want := mention(format, m)
			if want != "" && !regexp.MustCompile(want).MatchString(text) {
				t.Errorf("%s does not hold %s, as %s", format, m.Name, want)
			}
		}
	}
}

func TestNoSeriesIsThereTwice(t *testing.T) {
	seen := map[string]bool{}
	for line := range strings.Lines(written(t, "prometheus", complete(t, fixture.Options{}))) {
		series, _, _ := strings.Cut(line, "} ")
		if seen[series] {
			t.Errorf("%s is there twice: two metrics of one unit need a label", series)
		}
		seen[series] = true
	}
}

// Every metric is summarised, compared, and can be an objective of a whole run
// and, if one trial tells it, of a search: each time it is itself that is looked
// at.
func TestAMetricOfTheTableCanBeAnObjective(t *testing.T) {
	plain := complete(t, fixture.Options{Samples: 20_000})
	disturbed := complete(t, fixture.Kills(fixture.Options{}))
	for _, m := range metric.Main() {
		r, at := plain, v1alpha1.Address{Experiment: "exp1", Level: "default", Arm: "meshy"}
		if m.Disturbed {
			r, at.Experiment = disturbed, "resilience"
		}
		x := report.IndexOf(r)
		cell, _ := x.Cell(at)
		trial := x.Trials(at)[0]
		rate := v1alpha1.Rate(1)
		trial.Rate = &rate
		v, ok := report.Value(cell, m.Name)
		if !ok || v.Unit != m.Unit {
			t.Errorf("a cell has no %s in %s", m.Name, m.Unit)
		}
		if _, ok := x.Comparison(at, m.Name); !ok {
			t.Errorf("%s is not compared", m.Name)
		}
		bound := map[v1alpha1.Unit]string{v1alpha1.UnitPerSecond: "1", v1alpha1.UnitRatio: "50%",
			v1alpha1.UnitTimes: "20", v1alpha1.UnitRequests: "100"}[m.Unit]
		if bound == "" {
			bound = "1h"
		}
		slo, err := gate.Parse(m.Objective + " < " + bound)
		if err != nil || slo.Metric != m.Name {
			t.Errorf("objective %s is about %q: %v", m.Objective, slo.Metric, err)
			continue
		}
		if !strings.Contains(metric.Objectives(), m.Objective) {
			t.Errorf("%s is not in the list of objectives", m.Objective)
		}
		if !m.IsOfTrial() || m.MoreIsBetter {
			continue
		}
		got := search.Judge(trial, slo)
		if got.Outcome != search.Holds || got.Value == nil {
			t.Errorf("%s: a trial far below the bound gives %v", m.Name, got.Outcome)
			continue
		}
		if want, _, _ := m.OfTrial(trial); *got.Value != want {
			t.Errorf("%s: the trial is judged by %v, it is %v", m.Name, *got.Value, want)
		}
	}
}

// What a metric is read from is what its name says.
func TestLatenciesAreReadAsTheyAreNamed(t *testing.T) {
	h := stats.NewHistogram()
	for i := range 100_000 {
		h.Record(time.Duration(i+1) * 10 * time.Microsecond)
	}
	for name, want := range map[v1alpha1.Metric]float64{"min": 10e-6, "mean": 0.500005, "p50": 0.5, "p75": 0.75,
		"p90": 0.9, "p95": 0.95, "p99": 0.99, "p99.9": 0.999, "p99.99": 0.9999, "max": 1} {
		m, ok := metric.Find(name)
		if !ok {
			t.Errorf("there is no %s", name)
			continue
		}
		if got := m.Of(h); got < want*0.999 || got > want*1.0011 {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	for name, want := range map[v1alpha1.Metric]int64{"mean": 1, "p50": 20, "p95": 200, "p99": 1000, "p99.99": 100_000} {
		if m, _ := metric.Find(name); m.Needs() != want {
			t.Errorf("%s needs %d samples, want %d", name, m.Needs(), want)
		}
	}
	if m, _ := metric.Find("p90"); m.Above() != 0.1 {
		t.Errorf("above p90 lie %v of the samples", m.Above())
	}
}

// The documents name every metric where they list them.
func TestDocumentsNameEveryMetric(t *testing.T) {
	for document, name := range map[string]func(metric.Metric) string{
		"../../docs/report.md":      func(m metric.Metric) string { return string(m.Name) },
		"../../docs/experiments.md": func(m metric.Metric) string { return m.Objective },
	} {
		text, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range metric.Load() {
			if !bytes.Contains(text, []byte("`"+name(m)+"`")) {
				t.Errorf("%s does not name %s", document, name(m))
			}
		}
	}
}
