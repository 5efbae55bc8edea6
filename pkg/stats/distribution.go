package stats

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Distribution is a histogram that is only read. It holds those buckets that
// have samples: a few kilobytes where a Histogram has 220, and all it does takes
// a time that goes with them. The zero value has no sample.
type Distribution struct {
	packed *hdrhistogram.PackedHistogram
}

// Count is the number of samples.
func (d Distribution) Count() int64 {
	if d.packed == nil {
		return 0
	}
	return d.packed.TotalCount()
}

// Min is the smallest sample, 0 if there is none.
func (d Distribution) Min() time.Duration { return d.Quantile(0) }

// Max is the largest sample, 0 if there is none.
func (d Distribution) Max() time.Duration { return d.Quantile(1) }

// Quantile is the sample at the rank nearest to q of the count, for q from 0
// to 1; 0 if there is no sample.
func (d Distribution) Quantile(q float64) time.Duration {
	if d.packed == nil {
		return 0
	}
	return min(time.Duration(d.packed.ValueAtPercentile(min(max(q, 0), 1)*100)), MaxRecordable)
}

// Bars are the buckets that hold samples, from short to long. Their counts sum
// up to Count.
func (d Distribution) Bars() []Bar {
	if d.packed == nil {
		return nil
	}
	bars := make([]Bar, 0, d.packed.Populated())
	for from, n := range d.packed.ForEachBucket {
		bars = append(bars, barFrom(time.Duration(from), n))
	}
	return bars
}
