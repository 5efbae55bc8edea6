package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestBarsAreTheLibrarysBuckets(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	h := NewHistogram()
	for range 20_000 {
		h.Record(time.Duration(math.Exp(25 * random.Float64())))
	}
	h.Record(0)
	h.Record(MaxRecordable)
	var want []Bar
	for _, b := range h.hdr.Distribution() {
		if b.Count > 0 {
			want = append(want, Bar{From: time.Duration(b.From), To: min(time.Duration(b.To), MaxRecordable), Count: b.Count})
		}
	}
	got := h.Bars()
	if !slices.Equal(got, want) {
		t.Errorf("%d bars, want %d; the first is %v, want %v", len(got), len(want), got[0], want[0])
	}
}

func TestADistributionReadsAsItsHistogram(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, samples := range []int{0, 1, 2, 20_000} {
		h := NewHistogram()
		for range samples {
			h.Record(time.Duration(math.Exp(25 * random.Float64())))
		}
		d, err := DistributionFromAPI(h.ToAPI())
		if err != nil {
			t.Fatal(err)
		}
		if d.Count() != h.Count() || d.Min() != h.Min() || d.Max() != h.Max() || !slices.Equal(d.Bars(), h.Bars()) {
			t.Errorf("%d samples from %s to %s are read as %d from %s to %s", h.Count(), h.Min(), h.Max(), d.Count(), d.Min(),
				d.Max())
		}
		if h.Min() != time.Duration(h.hdr.Min()) || h.Max() != min(time.Duration(h.hdr.Max()), MaxRecordable) {
			t.Errorf("%d samples are from %s to %s, the library says %d to %d", samples, h.Min(), h.Max(), h.hdr.Min(),
				h.hdr.Max())
		}
		for range 1000 {
			if q := random.Float64()*1.2 - 0.1; d.Quantile(q) != h.Quantile(q) {
				t.Errorf("quantile %g of %d samples is %s, want %s", q, samples, d.Quantile(q), h.Quantile(q))
			}
		}
	}
	if (Distribution{}).Max() != 0 || (Distribution{}).Bars() != nil {
		t.Error("the zero value has samples")
	}
}
