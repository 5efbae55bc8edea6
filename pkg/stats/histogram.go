package stats

import (
	"errors"
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

const (
	// MaxRecordable is the largest duration a Histogram tells apart. Longer
	// ones are recorded as this and counted by Clamped.
	MaxRecordable = 60 * time.Second

	// Three significant figures from 1 ns on: a bucket is at most 1/1024 of its
	// value wide, and below 2 microseconds exactly 1 ns.
	lowestNanos        = 1
	significantFigures = 3
)

// ErrResolution says that two histograms cannot be merged exactly.
var ErrResolution = errors.New("histograms of different resolution cannot be merged")

// Histogram is a distribution of durations with a relative error of at most
// 0.1 % from 1 microsecond to 60 s, in about 220 kB whatever it holds. It is
// not safe for concurrent use.
type Histogram struct {
	hdr     *hdrhistogram.Histogram
	clamped int64
}

// NewHistogram returns an empty Histogram.
func NewHistogram() *Histogram {
	return &Histogram{hdr: hdrhistogram.New(lowestNanos, int64(MaxRecordable), significantFigures)}
}

// Record adds one duration. It clamps to [0, MaxRecordable], counting what was
// above, and does not allocate.
func (h *Histogram) Record(d time.Duration) {
	if d < 0 {
		d = 0
	}
	if d > MaxRecordable {
		d = MaxRecordable
		h.clamped++
	}
	// The only error is a value out of range, which the clamp excludes.
	_ = h.hdr.RecordValue(int64(d))
}

// RecordMany adds n equal durations as Record adds one.
func (h *Histogram) RecordMany(d time.Duration, n int64) {
	if n <= 0 {
		return
	}
	if d > MaxRecordable {
		d = MaxRecordable
		h.clamped += n
	}
	_ = h.hdr.RecordValues(int64(max(d, 0)), n)
}

// Merge adds all of other's samples to h. It loses nothing: the result is the
// histogram of both sets of samples. Other resolutions are refused.
func (h *Histogram) Merge(other *Histogram) error {
	if !sameResolution(h.hdr, other.hdr) {
		return ErrResolution
	}
	// The library's own Merge looks at every empty bucket too, which takes
	// several times as long.
	if err := h.addBars(other.Bars()); err != nil {
		return err
	}
	h.clamped += other.clamped
	return nil
}

// Add adds all of a distribution's samples to h.
func (h *Histogram) Add(d Distribution) error { return h.addBars(d.Bars()) }

func (h *Histogram) addBars(bars []Bar) error {
	for _, bar := range bars {
		if err := h.hdr.RecordValues(int64(bar.From), bar.Count); err != nil {
			return fmt.Errorf("add %d samples of %s: %w", bar.Count, bar.From, err)
		}
	}
	return nil
}

// Reset empties h and keeps its memory.
func (h *Histogram) Reset() {
	h.hdr.Reset()
	h.clamped = 0
}

// Count is the number of samples.
func (h *Histogram) Count() int64 { return h.hdr.TotalCount() }

// Clamped is the number of samples recorded here that were above
// MaxRecordable. It travels beside the encoding.
func (h *Histogram) Clamped() int64 { return h.clamped }

// Min is the smallest sample, 0 if there is none.
func (h *Histogram) Min() time.Duration {
	// Quantiles skip empty buckets by the block; the library's Min and Max do not.
	return time.Duration(h.hdr.ValueAtPercentile(0))
}

// Max is the largest sample, 0 if there is none.
func (h *Histogram) Max() time.Duration {
	return min(time.Duration(h.hdr.ValueAtPercentile(100)), MaxRecordable)
}

// Mean is the mean of the samples, 0 if there is none.
func (h *Histogram) Mean() time.Duration {
	if h.Count() == 0 {
		return 0
	}
	return time.Duration(h.hdr.Mean())
}

// Quantile is the sample at the rank nearest to q of the count, for q from 0
// to 1; 0 if there is no sample.
func (h *Histogram) Quantile(q float64) time.Duration {
	if h.Count() == 0 {
		return 0
	}
	q = min(max(q, 0), 1)
	return min(time.Duration(h.hdr.ValueAtQuantile(q*100)), MaxRecordable)
}

// CountAbove is the number of samples greater than d. Samples within 0.1 % of
// d count as equal to it.
func (h *Histogram) CountAbove(d time.Duration) int64 {
	var n int64
	for _, bar := range h.Bars() {
		if bar.From > d {
			n += bar.Count
		}
	}
	return n
}

// Each calls f for every bucket that holds samples, in rising order. The
// duration is the bucket's middle.
func (h *Histogram) Each(f func(d time.Duration, count int64)) {
	for _, bar := range h.Bars() {
		f(bar.From+(bar.To-bar.From)/2, bar.Count)
	}
}

func sameResolution(a, b *hdrhistogram.Histogram) bool {
	return a.SignificantFigures() == b.SignificantFigures() &&
		a.LowestTrackableValue() == b.LowestTrackableValue() &&
		a.HighestTrackableValue() == b.HighestTrackableValue()
}
