package runner

import "testing"

// A pod that did not count its window's sockets makes the sum unknown, not less.
func TestSocketsOfAWindowAddUpOnlyIfAllAreKnown(t *testing.T) {
	three, four := int64(3), int64(4)
	sum := func(counts ...*int64) *int64 {
		var total *int64
		for i, n := range counts {
			total = addSockets(total, n, i)
		}
		return total
	}
	if got := sum(&three, &four); got == nil || *got != 7 {
		t.Errorf("3 and 4 give %v, want 7", got)
	}
	for _, counts := range [][]*int64{{nil, &four}, {&three, nil}, {&three, nil, &four}, {nil}} {
		if got := sum(counts...); got != nil {
			t.Errorf("%v give %d, want nothing", counts, *got)
		}
	}
}
