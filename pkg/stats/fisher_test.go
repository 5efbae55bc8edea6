package stats

import "testing"

// The reference is scipy.stats.f.sf.
func TestFisherTailAgainstSciPy(t *testing.T) {
	for _, c := range [][4]float64{{0.5, 3, 12, 0.6892693638616519}, {2, 2, 10, 0.18593443208187066},
		{9.5, 3, 15, 0.0009201933274999483}, {0, 2, 2, 1}} {
		near(t, "F tail", FisherTail(c[0], c[1], c[2]), c[3])
	}
}
