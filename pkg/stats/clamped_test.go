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

// What took longer than the scale is known to be no less than its end.
func TestWhatIsClampedIsALowerBound(t *testing.T) {
	w := NewWaits()
	w.Answered.RecordMany(time.Second, 90)
	w.Answered.RecordMany(time.Hour, 10)
	if d, atLeast := w.Quantile(0.99); !atLeast || d < 59*time.Second {
		t.Errorf("p99 is %s, a lower bound: %v", d, atLeast)
	}
	if _, atLeast := w.Quantile(0.5); atLeast {
		t.Error("p50 is a lower bound")
	}
	if _, atLeast := w.Mean(); !atLeast {
		t.Error("the mean is none")
	}
	if _, atLeast := w.Max(); !atLeast {
		t.Error("the maximum is none")
	}
}
