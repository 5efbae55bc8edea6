package stats

import (
	"math/bits"
	"time"
)

// Bar counts the samples from From to To, both included: one bucket of a
// histogram, at most 0.1 % of its value wide.
type Bar struct {
	From, To time.Duration
	Count    int64
}

// unitBuckets is how many buckets are 1 ns wide. After them, each half as many
// are twice as wide as those before.
const unitBuckets = 2048

// barFrom is the bucket that begins there.
func barFrom(from time.Duration, n int64) Bar {
	width := time.Duration(1) << max(0, bits.Len64(uint64(from/unitBuckets)))
	return Bar{From: from, To: min(from+width-1, MaxRecordable), Count: n}
}

// Bars are the buckets that hold samples, from short to long. Their counts sum
// up to Count.
func (h *Histogram) Bars() []Bar {
	// The library's own iterator makes all 27,000 buckets, empty ones too.
	const half = unitBuckets / 2
	var bars []Bar
	for i, n := range h.hdr.Export().Counts {
		if n == 0 {
			continue
		}
		from := time.Duration(i)
		if i >= unitBuckets {
			from = time.Duration(i%half+half) << (i/half - 1)
		}
		bars = append(bars, barFrom(from, n))
	}
	return bars
}
