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
	var bars []Bar
	for _, b := range h.hdr.Distribution() {
		if b.Count > 0 {
			bars = append(bars, Bar{From: time.Duration(b.From), To: min(time.Duration(b.To), MaxRecordable), Count: b.Count})
		}
	}
	return bars
}
