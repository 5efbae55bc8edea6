// Package quantity writes what was measured, with its unit, in one way in every
// format for people. It is pure.
package quantity

import (
	"fmt"
	"math"
	"strconv"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Text writes a quantity in its unit, with three significant digits.
func Text(v float64, u v1alpha1.Unit) string {
	switch u {
	case v1alpha1.UnitSeconds:
		return Seconds(v)
	case v1alpha1.UnitPerSecond:
		return Rate(v) + "/s"
	case v1alpha1.UnitRequests:
		return Rate(v)
	case v1alpha1.UnitRatio:
		return Percent(v)
	case v1alpha1.UnitCPUPer1000:
		return Seconds(v / 1e3)
	case v1alpha1.UnitTimes:
		return Times(v)
	case v1alpha1.UnitBytes:
		return Significant(v/(1<<20)) + " MiB"
	default:
		return Significant(v)
	}
}

// Seconds writes a time in the unit that suits it.
func Seconds(v float64) string {
	switch abs := math.Abs(v); {
	case v == 0:
		return "0 s"
	case abs < 999.5e-9:
		return Significant(v*1e9) + " ns"
	case abs < 999.5e-6:
		return Significant(v*1e6) + " µs"
	case abs < 999.5e-3:
		return Significant(v*1e3) + " ms"
	default:
		return Significant(v) + " s"
	}
}

// Rate writes how many there are of something, or how many in a second.
func Rate(v float64) string {
	switch abs := math.Abs(v); {
	case abs < 9995:
		return Significant(v)
	case abs < 999.5e3:
		return Significant(v/1e3) + "k"
	default:
		return Significant(v/1e6) + "M"
	}
}

// Percent writes a share of 1.
func Percent(v float64) string {
	if v == 0 {
		return "0"
	}
	return Significant(v*100) + " %"
}

// Significant writes three significant digits, and all digits before the point.
func Significant(v float64) string {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Sprint(v)
	}
	digits := 2 - int(math.Floor(math.Log10(math.Abs(v))))
	if rounded := math.Abs(v) * math.Pow10(digits); math.Round(rounded) >= 1000 {
		digits--
	}
	return strconv.FormatFloat(v, 'f', min(max(digits, 0), 9), 64)
}

// Times writes a ratio: two digits behind the point near 1, fewer far from it.
func Times(v float64) string {
	if v >= 0.1 && v < 99.5 {
		digits := 2
		if v >= 9.995 {
			digits = 1
		}
		return strconv.FormatFloat(v, 'f', digits, 64)
	}
	return Significant(v)
}
