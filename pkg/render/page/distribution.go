package page

import (
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/chart"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/grid"
	"github.com/meshbench/kubectl-meshbench/pkg/render/internal/view"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// levelData is what the charts of one level are drawn from.
type levelData struct {
	panel view.Panel
	arms  []armData
}

// armData is one arm at one level.
type armData struct {
	name  string // fit to be shown
	style chart.Style
	row   view.Row
	// trials are the usable ones, one a round, by round.
	trials []v1alpha1.Trial
	// used is what the parts of each trial used by the second.
	used [][]partSeries
	// merged is the distribution of what users waited for, over all rounds.
	merged *stats.Histogram
	rounds []roundData
}

// roundData is what is kept of one round's distribution.
type roundData struct {
	round    int
	count    int64
	p50, p99 *float64 // nil where too few samples lie above
	density  grid.Density
}

func levelDataOf(x report.Index, p view.Panel) levelData {
	d := levelData{panel: p}
	for i, one := range p.Rows {
		a := armData{name: term.Clean(one.Arm.Name), style: chart.Style(i), row: one, merged: stats.NewHistogram()}
		for _, t := range x.Trials(one.Cell.Address) {
			a.trials, a.used = append(a.trials, t), append(a.used, seriesOf(t))
			h, err := stats.DistributionFromAPI(t.Load.Latency())
			if err != nil || h.Count() == 0 {
				continue // a histogram that cannot be read has a finding already
			}
			if a.merged.Add(h) != nil {
				continue // together they are more than can be counted
			}
			a.rounds = append(a.rounds,
				roundData{round: t.Round, count: h.Count(), p50: quantile(h, 0.5), p99: quantile(h, 0.99),
					density: grid.DensityOf(h)})
		}
		d.arms = append(d.arms, a)
	}
	return d
}

// samples are a histogram or a distribution.
type samples interface {
	Count() int64
	Quantile(q float64) time.Duration
}

// quantile is in seconds, nil where too few samples lie above it.
func quantile(h samples, q float64) *float64 {
	if h.Count() < metric.Needs(q) {
		return nil
	}
	v := h.Quantile(q).Seconds()
	return &v
}
