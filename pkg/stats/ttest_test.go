package stats

import "testing"

// Too few values, and values that are all alike, have no deviation to test by.
func TestATestWithoutADeviationSaysSo(t *testing.T) {
	for name, c := range map[string]struct {
		xs   []float64
		want float64
	}{
		"three": {[]float64{5, 6, 7}, 1}, "all as they should": {[]float64{2, 2, 2, 2}, 1},
		"all off": {[]float64{3, 3, 3, 3}, 0},
	} {
		if p := TTest(c.xs, 2); p != c.want {
			t.Errorf("%s: p %g, want %g", name, p, c.want)
		}
	}
}
