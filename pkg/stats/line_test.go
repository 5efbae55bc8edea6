package stats_test

import (
	"math"
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// The references are the normal equations, solved in fractions.
func TestLineIsExact(t *testing.T) {
	xs, ys := []float64{1, 2, 4, 8}, []float64{2.1, 3.9, 8.3, 15.8}
	for _, c := range []struct {
		w                []float64
		intercept, slope float64
	}{
		{nil, 16.0 / 115, 453.0 / 230},
		{[]float64{4, 3, 2, 1}, 101.0 / 1110, 881.0 / 444},
	} {
		a, b, ok := stats.Line(xs, ys, c.w)
		if !ok || math.Abs(a-c.intercept) > 1e-12 || math.Abs(b-c.slope) > 1e-12 {
			t.Errorf("weights %v: %.15g + %.15g x (%v), want %.15g + %.15g x", c.w, a, b, ok, c.intercept, c.slope)
		}
	}
}

func TestNoLine(t *testing.T) {
	for name, c := range map[string][2][]float64{"nothing": {nil, nil}, "one point": {{1}, {1}},
		"one place": {{2, 2}, {1, 3}}, "no number": {{1, 2}, {1, math.NaN()}}, "no end": {{1, 2}, {1, math.Inf(1)}}} {
		if a, b, ok := stats.Line(c[0], c[1], nil); ok {
			t.Errorf("%s: there is a line, %g + %g x", name, a, b)
		}
	}
}
