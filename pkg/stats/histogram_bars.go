package stats

import "time"

// Bar counts the samples from From to To, both included: one bucket of a
// histogram, at most 0.1 % of its value wide.
type Bar struct {
	From, To time.Duration
	Count    int64
}

// Bars are the buckets that hold samples, from short to long. Their counts sum
// up to Count.
func (h *Histogram) Bars() []Bar {
	// The library's own iterator makes all 27,000 buckets, empty ones too. The
	// first 2048 are 1 ns wide, then each 1024 are twice as wide as those before.
	const half = 1024
	var bars []Bar
	for i, n := range h.hdr.Export().Counts {
		if n == 0 {
			continue
		}
		from, width := int64(i), int64(1)
		if i >= 2*half {
			shift := i/half - 1
			from, width = int64(i%half+half)<<shift, 1<<shift
		}
		bars = append(bars, Bar{From: time.Duration(from), To: min(time.Duration(from+width-1), MaxRecordable), Count: n})
	}
	return bars
}
