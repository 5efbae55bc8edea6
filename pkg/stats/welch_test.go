package stats

import (
	"math"
	"testing"
)

// The reference is scipy.stats.ttest_ind(a, b, equal_var=False)
// .confidence_interval(0.95), on the values below.
func TestWelchAgainstSciPy(t *testing.T) {
	a := []float64{0.41, 0.39, 0.44, 0.40, 0.43, 0.38}
	b := []float64{0.29, 0.33, 0.31, 0.25}
	got, ok := WelchRatio(a, b)
	if !ok {
		t.Fatal("no interval")
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"difference", math.Log(got.Value), 0.1133333333333334},
		{"low", math.Log(*got.Low), 0.06267508756705151},
		{"high", math.Log(*got.High), 0.1639915790996153},
	} {
		if math.Abs(c.got-c.want) > 1e-9 {
			t.Errorf("%s is %.12f, SciPy says %.12f", c.name, c.got, c.want)
		}
	}
	if _, ok := WelchRatio(a, b[:3]); ok {
		t.Error("three values have an interval")
	}
	if _, ok := WelchRatio([]float64{1, 1, 1, 1}, []float64{2, 2, 2, 2}); ok {
		t.Error("different values without variation have an interval")
	}
	if r, ok := WelchRatio([]float64{1, 1, 1, 1}, []float64{1, 1, 1, 1}); !ok || r.Value != 1 || *r.Low != 1 ||
		*r.High != 1 {
		t.Errorf("the ratio of a value to itself is %+v", r)
	}
}
