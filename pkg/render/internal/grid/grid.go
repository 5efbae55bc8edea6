// Package grid counts latencies on a grid of equal ratios, for drawing. It is
// pure.
package grid

import (
	"math"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// barred is a histogram or a distribution.
type barred interface{ Bars() []stats.Bar }

// Density counts samples on a grid of equal ratios; Counts[0] is of the bin
// that begins at Edge(First).
type Density struct {
	First  int
	Counts []float64
}

// binsPerDecade is the grid: each bin is 2.3 % wide.
const binsPerDecade = 100

// Edge is the lower end of a bin of the grid, in seconds.
func Edge(bin int) float64 { return math.Pow(10, float64(bin)/binsPerDecade-9) }

func binOf(d time.Duration) int {
	return int(math.Floor(math.Log10(math.Max(float64(d), 1)) * binsPerDecade))
}

// Finder finds the bins of rising durations; it takes a logarithm for each bin
// instead of each duration.
type Finder struct {
	bin int
	// until ends what surely lies in the bin.
	until time.Duration
}

// Bin is the bin of a duration that is no shorter than the last one.
func (b *Finder) Bin(d time.Duration) int {
	if d >= b.until {
		b.bin = binOf(d)
		b.until = time.Duration(Edge(b.bin+1)*1e9) - 1
	}
	return b.bin
}

// DensityOf counts what a histogram or a distribution holds.
func DensityOf(h barred) Density {
	bars := h.Bars()
	if len(bars) == 0 {
		return Density{}
	}
	first, last := binOf(bars[0].From), binOf(bars[len(bars)-1].To)
	d := Density{First: first, Counts: make([]float64, last-first+1)}
	var bins Finder
	for _, b := range bars {
		d.Counts[bins.Bin(b.From/2+b.To/2)-first] += float64(b.Count)
	}
	return d
}

// Coarse joins bins, factor at a time and aligned to multiples of it, so that
// the bins of all arms are the same. Its First counts coarse bins.
func (d Density) Coarse(factor int) Density {
	if len(d.Counts) == 0 || factor <= 1 {
		return d
	}
	first := floorDiv(d.First, factor)
	last := floorDiv(d.First+len(d.Counts)-1, factor)
	out := Density{First: first, Counts: make([]float64, last-first+1)}
	for i, n := range d.Counts {
		out.Counts[floorDiv(d.First+i, factor)-first] += n
	}
	return out
}

func floorDiv(a, b int) int { return int(math.Floor(float64(a) / float64(b))) }

// Smooth spreads each bin over its neighbours, without losing any sample.
func (d Density) Smooth(width int) Density {
	out := Density{First: d.First - width, Counts: make([]float64, len(d.Counts)+2*width)}
	total := float64((width + 1) * (width + 1))
	for i, n := range d.Counts {
		for k := -width; k <= width; k++ {
			weight := float64(width + 1 - max(k, -k))
			out.Counts[i+width+k] += n * weight / total
		}
	}
	return out
}

// Sum is the number of samples.
func (d Density) Sum() float64 {
	var n float64
	for _, c := range d.Counts {
		n += c
	}
	return n
}

// Coarseness joins so many bins that a distribution has about wanted ones.
func Coarseness(all []Density, wanted int) int {
	widest := 0
	for _, d := range all {
		widest = max(widest, len(d.Counts))
	}
	return max(1, int(math.Round(float64(widest)/float64(wanted))))
}
