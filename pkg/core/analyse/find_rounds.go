package analyse

import (
	"fmt"
	"math"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

const (
	codeColdStart = "cold-start"
	codeDrift     = "drift"
	codeOutlier   = "outlier"
	codeFewRounds = "few-rounds"

	// A deviation this small is not worth a line, however regular the rest is.
	worthTelling = 0.05
	// A perfect trend over five rounds has p = 0.017 and is told.
	driftP = 0.02
)

// coldStart finds first rounds far from the others.
func coldStart(d *data) []v1alpha1.Finding {
	return farOff(d, func(position int) bool { return position == 0 },
		"Lengthen the warm-up, or run a round more: the first one seems to warm caches and routes.")
}

// outlier finds later rounds far from the others.
func outlier(d *data) []v1alpha1.Finding {
	return farOff(d, func(position int) bool { return position > 0 },
		"Look for something else that ran at that time; more rounds make one odd one harmless.")
}

func farOff(d *data, at func(position int) bool, advice string) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.cells {
		values := c.values(metric.Steady(c.level.Rate))
		if len(values) < stats.MinPairs {
			continue
		}
		xs := plain(values)
		median := stats.Median(xs)
		if !(median > 0) {
			continue // nothing to be off from; errors tell why
		}
		for i, z := range stats.RobustZ(xs) {
			off := xs[i]/median - 1
			if at(i) && math.Abs(z) > stats.OutlierBound(len(xs)) && math.Abs(off) > worthTelling {
				out = append(out, c.finding(v1alpha1.SeverityWarn, advice,
					"%s of round %d is %+.0f %% off the median of %d rounds (robust z %.1f)", metric.Steady(c.level.Rate),
					values[i].Round, off*100,
					len(xs), z))
			}
		}
	}
	return out
}

// drift finds values that rise or fall over the rounds.
func drift(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.cells {
		xs := plain(c.values(metric.Steady(c.level.Rate)))
		if len(xs) < stats.MinPairs {
			continue
		}
		tau, p := stats.Trend(xs)
		half := len(xs) / 2
		first := stats.Median(xs[:half])
		change := stats.Median(xs[len(xs)-half:])/first - 1
		if first > 0 && p <= driftP && math.Abs(change) > worthTelling {
			out = append(out, c.finding(v1alpha1.SeverityWarn,
				"Trust the ratios, which are paired within rounds, more than the absolute values.",
				"%s drifts by %+.0f %% from the first to the last half of %d rounds (rank correlation %.2f, p = %.2g)",
				metric.Steady(c.level.Rate),
				change*100, len(xs), tau, p))
		}
	}
	return out
}

// fewRounds finds comparisons without enough pairs for an interval.
func fewRounds(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, e := range d.report.Experiments {
		if e.Spec.Search != nil || e.Spec.Arms == v1alpha1.ArmsBaseline {
			continue // nothing is compared round by round
		}
		if n := e.Spec.Schedule.Rounds; n < stats.MinPairs {
			out = append(out, v1alpha1.Finding{
				Severity: v1alpha1.SeverityWarn, Scope: v1alpha1.Scope{Experiment: e.Metadata.Name},
				Evidence: fmt.Sprintf("%s planned, an interval needs %d", words.Count(n, "round was", "rounds were"),
					stats.MinPairs),
				Advice: "Use --profile standard, or more --rounds, before drawing conclusions.",
			})
		}
	}
	for _, c := range d.comparisons {
		at := d.byAddress[c.Address]
		base := d.byAddress[c.Of(d.baseline.Name)]
		if len(at.rounds) == 0 || len(base.rounds) == 0 {
			continue // told of as missing
		}
		if c.Metric == v1alpha1.MetricThroughput && c.Pairs < stats.MinPairs &&
			at.experiment.Spec.Schedule.Rounds >= stats.MinPairs {
			out = append(out, at.finding(v1alpha1.SeverityWarn, "Run again with more rounds.",
				"only %s both this arm and the baseline, an interval needs %d", words.Count(c.Pairs, "round has", "rounds have"),
				stats.MinPairs))
		}
	}
	for _, c := range d.cells {
		if n := len(c.rounds); c.experiment.Spec.Arms == v1alpha1.ArmsBaseline && n > 0 && n < stats.MinPairs &&
			c.experiment.Spec.Schedule.Rounds >= stats.MinPairs {
			out = append(out, c.finding(v1alpha1.SeverityWarn, "Run again with more rounds.",
				"only %s a value, too few to see how far they vary: %d are needed", words.Count(n, "round has", "rounds have"),
				stats.MinPairs))
		}
	}
	return out
}

func plain(values []v1alpha1.RoundValue) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = v.Value
	}
	return out
}
