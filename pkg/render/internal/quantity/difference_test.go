package quantity

import (
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

func TestDifferences(t *testing.T) {
	of := func(v float64, bounds ...float64) v1alpha1.Estimate {
		e := v1alpha1.Estimate{Value: v}
		if len(bounds) == 2 {
			e.Low, e.High = &bounds[0], &bounds[1]
		}
		return e
	}
	for _, c := range []struct {
		e               v1alpha1.Estimate
		unit            v1alpha1.Unit
		point, interval string
	}{
		{of(2.25e-3, 2.1e-3, 2.4e-3), v1alpha1.UnitSeconds, "+2.25 ms", "2.10..2.40"},
		{of(503e-6, 499e-6, 507e-6), v1alpha1.UnitSeconds, "+503 µs", "499..507"},
		{of(0.4e-6, -20e-6, 21e-6), v1alpha1.UnitSeconds, "+0.4 µs", "-20.0..21.0"},
		{of(-3e-6), v1alpha1.UnitSeconds, "-3.00 µs", ""},
		{of(1e-12, -1e-3, 1e-3), v1alpha1.UnitSeconds, "0 ms", "-1.00..1.00"},
		{of(0, 0, 0), v1alpha1.UnitRatio, "0", ""},
		{of(0.0012, 0.001, 0.0014), v1alpha1.UnitRatio, "+0.120 pp", "0.100..0.140"},
		{of(-10.8e3, -11.1e3, -10.5e3), v1alpha1.UnitPerSecond, "-10.8k/s", "-11.1k..-10.5k"},
		{of(50.4, 49.8, 51), v1alpha1.UnitCPUPer1000, "+50.4 ms", "49.8..51.0"},
		{of(6000, 5900, 6100), v1alpha1.UnitCPUPer1000, "+6.00 s", "5.90..6.10"},
		{of(50<<20, 49<<20, 51<<20), v1alpha1.UnitBytes, "+50.0 MiB", "49.0..51.0"},
		{of(1.5, 1, 2), v1alpha1.UnitCores, "+1.50", "1.00..2.00"},
	} {
		if point, interval := Difference(c.e, c.unit); point != c.point || interval != c.interval {
			t.Errorf("%v %s: %q %q, want %q %q", c.e.Value, c.unit, point, interval, c.point, c.interval)
		}
	}
}
