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
