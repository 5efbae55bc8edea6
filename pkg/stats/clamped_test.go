package stats

import (
	"testing"
	"time"
)

func TestClampedSamplesTravel(t *testing.T) {
	h := NewHistogram()
	h.Record(time.Second)
	h.RecordMany(2*time.Minute, 3)
	out := h.ToAPI()
	back, err := FromAPI(out)
	if err != nil {
		t.Fatal(err)
	}
	other := NewHistogram()
	other.Record(time.Hour)
	if err := back.Merge(other); err != nil {
		t.Fatal(err)
	}
	if out.Clamped != 3 || back.Clamped() != 4 || back.Count() != 5 {
		t.Errorf("%d clamped on the way, %d of %d after merging, want 3, 4 of 5", out.Clamped, back.Clamped(), back.Count())
	}
}
