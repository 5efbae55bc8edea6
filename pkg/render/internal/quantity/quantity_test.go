package quantity

import (
	"testing"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
)

func TestNumbersHaveThreeDigitsAndAUnit(t *testing.T) {
	for _, c := range []struct {
		v    float64
		unit v1alpha1.Unit
		want string
	}{
		{0, v1alpha1.UnitSeconds, "0 s"},
		{12.34e-9, v1alpha1.UnitSeconds, "12.3 ns"},
		{999.6e-9, v1alpha1.UnitSeconds, "1.00 µs"},
		{1.2345e-3, v1alpha1.UnitSeconds, "1.23 ms"},
		{0.9996, v1alpha1.UnitSeconds, "1.00 s"},
		{123.4, v1alpha1.UnitSeconds, "123 s"},
		{9.996, v1alpha1.UnitPerSecond, "10.0/s"},
		{9994, v1alpha1.UnitPerSecond, "9994/s"},
		{9996, v1alpha1.UnitPerSecond, "10.0k/s"},
		{28123, v1alpha1.UnitPerSecond, "28.1k/s"},
		{1.5e6, v1alpha1.UnitPerSecond, "1.50M/s"},
		{0.0012, v1alpha1.UnitRatio, "0.120 %"},
		{0, v1alpha1.UnitRatio, "0"},
	} {
		if got := Text(c.v, c.unit); got != c.want {
			t.Errorf("%g %s is written %q, want %q", c.v, c.unit, got, c.want)
		}
	}
	for v, want := range map[float64]string{0.714: "0.71", 1: "1.00", 9.996: "10.0", 99.6: "99.6", 0.0123: "0.0123"} {
		if got := Times(v); got != want {
			t.Errorf("ratio %g is written %q, want %q", v, got, want)
		}
	}
	if got := words.Thousands(1234567); got != "1,234,567" {
		t.Errorf("count is %q", got)
	}
}
