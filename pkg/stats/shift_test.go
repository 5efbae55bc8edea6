package stats

import (
	"math"
	"testing"
)

// The reference is scipy.stats.ttest_ind(a, b, equal_var=...): its confidence
// interval, and its one-sided p value of a - 0.1 against b, on the values below.
func TestShiftsAgainstSciPy(t *testing.T) {
	a := []float64{0.41, 0.39, 0.44, 0.40, 0.43, 0.38}
	b := []float64{0.29, 0.33, 0.31, 0.25}
	for name, c := range map[string]struct {
		shift            func(a, b []float64) (Shift, bool)
		low, high, above float64
	}{
		"welch":  {WelchShift, 0.06267508756705151, 0.1639915790996153, 0.2629364629330133},
		"pooled": {PooledShift, 0.07195044520104035, 0.15471622146562644, 0.23937013909315177},
	} {
		s, ok := c.shift(a, b)
		if !ok {
			t.Fatalf("%s: no shift", name)
		}
		low, high := s.Interval()
		for what, got := range map[string][2]float64{"value": {s.Value, 0.1133333333333334}, "low": {low, c.low},
			"high": {high, c.high}, "above": {s.Above(0.1), c.above}, "below": {s.Below(0.1), 1 - c.above}} {
			if math.Abs(got[0]-got[1]) > 1e-9 {
				t.Errorf("%s: %s is %.12f, SciPy says %.12f", name, what, got[0], got[1])
			}
		}
	}
}

func TestTooFewValuesHaveNoShift(t *testing.T) {
	four := []float64{1, 2, 3, 4}
	if _, ok := WelchShift(four, four[:3]); ok {
		t.Error("three values have an interval")
	}
	if _, ok := PooledShift(four[:2], four[:1]); ok {
		t.Error("three values in all have an interval")
	}
	if s, ok := PooledShift(four[:3], four[:1]); !ok || s.DF != 2 {
		t.Errorf("three values against one: %+v, %v", s, ok)
	}
}

// What does not vary at all is known exactly.
func TestAShiftWithoutVariation(t *testing.T) {
	s, ok := WelchShift([]float64{1, 1, 1, 1}, []float64{1, 1, 1, 1})
	low, high := s.Interval()
	if !ok || low != 0 || high != 0 || s.Above(0.01) != 1 || s.Below(0.01) != 0 || s.Above(-0.01) != 0 {
		t.Errorf("%+v from %g to %g", s, low, high)
	}
}
