package stats

import "math"

// Line is the line through points that leaves the least sum of squares (Legendre
// 1805), each weighted by w, or all alike if w is nil. ok is false unless there are
// two different xs and all is finite.
func Line(xs, ys, w []float64) (intercept, slope float64, ok bool) {
	weight := func(i int) float64 {
		if w == nil {
			return 1
		}
		return w[i]
	}
	var sw, sx, sy, sxx, sxy float64
	for i, x := range xs {
		sw, sx, sy = sw+weight(i), sx+weight(i)*x, sy+weight(i)*ys[i]
	}
	mx, my := sx/sw, sy/sw
	for i, x := range xs {
		sxx += weight(i) * (x - mx) * (x - mx)
		sxy += weight(i) * (x - mx) * (ys[i] - my)
	}
	slope = sxy / sxx
	intercept = my - slope*mx
	return intercept, slope, !math.IsNaN(intercept) && !math.IsInf(intercept, 0) && !math.IsNaN(slope) &&
		!math.IsInf(slope, 0)
}
