package render

import (
	"math"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/chart"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
	"github.com/meshbench/kubectl-meshbench/pkg/report"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// levelData is what the charts of one level are drawn from.
type levelData struct {
	panel panel
	arms  []armData
}

// armData is one arm at one level.
type armData struct {
	name  string // fit to be shown
	style chart.Style
	row   row
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
	density  density
}

func levelDataOf(x report.Index, p panel) levelData {
	d := levelData{panel: p}
	for i, one := range p.rows {
		a := armData{name: term.Clean(one.arm.Name), style: chart.Style(i), row: one, merged: stats.NewHistogram()}
		for _, t := range x.Trials(one.cell.Address) {
			a.trials, a.used = append(a.trials, t), append(a.used, seriesOf(t))
			h, err := stats.DistributionFromAPI(t.Load.Latency())
			if err != nil || h.Count() == 0 {
				continue // a histogram that cannot be read has a finding already
			}
			if a.merged.Add(h) != nil {
				continue // together they are more than can be counted
			}
			a.rounds = append(a.rounds,
				roundData{round: t.Round, count: h.Count(), p50: quantile(h, 0.5), p99: quantile(h, 0.99), density: densityOf(h)})
		}
		d.arms = append(d.arms, a)
	}
	return d
}

// samples are a histogram or a distribution.
type samples interface {
	Count() int64
	Quantile(q float64) time.Duration
	Bars() []stats.Bar
}

// quantile is in seconds, nil where too few samples lie above it.
func quantile(h samples, q float64) *float64 {
	if h.Count() < metric.Needs(q) {
		return nil
	}
	v := h.Quantile(q).Seconds()
	return &v
}

// density counts samples on a grid of equal ratios; counts[0] is of the bin
// that begins at edge(first).
type density struct {
	first  int
	counts []float64
}

// binsPerDecade is the grid: each bin is 2.3 % wide.
const binsPerDecade = 100

// edge is the lower end of a bin of the grid, in seconds.
func edge(bin int) float64 { return math.Pow(10, float64(bin)/binsPerDecade-9) }

func binOf(d time.Duration) int {
	return int(math.Floor(math.Log10(math.Max(float64(d), 1)) * binsPerDecade))
}

// binner finds the bins of rising durations; it takes a logarithm for each bin
// instead of each duration.
type binner struct {
	bin int
	// until ends what surely lies in the bin.
	until time.Duration
}

func (b *binner) of(d time.Duration) int {
	if d >= b.until {
		b.bin = binOf(d)
		b.until = time.Duration(edge(b.bin+1)*1e9) - 1
	}
	return b.bin
}

func densityOf(h samples) density {
	bars := h.Bars()
	if len(bars) == 0 {
		return density{}
	}
	first, last := binOf(bars[0].From), binOf(bars[len(bars)-1].To)
	d := density{first: first, counts: make([]float64, last-first+1)}
	var bins binner
	for _, b := range bars {
		d.counts[bins.of(b.From/2+b.To/2)-first] += float64(b.Count)
	}
	return d
}

// coarse joins bins, factor at a time and aligned to multiples of it, so that
// the bins of all arms are the same. Its first counts coarse bins.
func (d density) coarse(factor int) density {
	if len(d.counts) == 0 || factor <= 1 {
		return d
	}
	first := floorDiv(d.first, factor)
	last := floorDiv(d.first+len(d.counts)-1, factor)
	out := density{first: first, counts: make([]float64, last-first+1)}
	for i, n := range d.counts {
		out.counts[floorDiv(d.first+i, factor)-first] += n
	}
	return out
}

func floorDiv(a, b int) int { return int(math.Floor(float64(a) / float64(b))) }

// smooth spreads each bin over its neighbours, without losing any sample.
func (d density) smooth(width int) density {
	out := density{first: d.first - width, counts: make([]float64, len(d.counts)+2*width)}
	total := float64((width + 1) * (width + 1))
	for i, n := range d.counts {
		for k := -width; k <= width; k++ {
			weight := float64(width + 1 - max(k, -k))
			out.counts[i+width+k] += n * weight / total
		}
	}
	return out
}

func (d density) sum() float64 {
	var n float64
	for _, c := range d.counts {
		n += c
	}
	return n
}

// coarseness joins so many bins that a distribution has about wanted ones.
func coarseness(all []density, wanted int) int {
	widest := 0
	for _, d := range all {
		widest = max(widest, len(d.counts))
	}
	return max(1, int(math.Round(float64(widest)/float64(wanted))))
}
