package render

import (
	"fmt"
	"math"
	"strconv"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// value writes a quantity in its unit, with three significant digits.
func value(v float64, u v1alpha1.Unit) string {
	switch u {
	case v1alpha1.UnitSeconds:
		return seconds(v)
	case v1alpha1.UnitPerSecond:
		return rate(v) + "/s"
	case v1alpha1.UnitRatio:
		return percent(v)
	case v1alpha1.UnitCPUPer1000:
		return seconds(v / 1e3)
	case v1alpha1.UnitBytes:
		return significant(v/(1<<20)) + " MiB"
	default:
		return significant(v)
	}
}

func seconds(v float64) string {
	switch abs := math.Abs(v); {
	case v == 0:
		return "0 s"
	case abs < 999.5e-9:
		return significant(v*1e9) + " ns"
	case abs < 999.5e-6:
		return significant(v*1e6) + " µs"
	case abs < 999.5e-3:
		return significant(v*1e3) + " ms"
	default:
		return significant(v) + " s"
	}
}

func rate(v float64) string {
	switch abs := math.Abs(v); {
	case abs < 9995:
		return significant(v)
	case abs < 999.5e3:
		return significant(v/1e3) + "k"
	default:
		return significant(v/1e6) + "M"
	}
}

func percent(v float64) string {
	if v == 0 {
		return "0"
	}
	return significant(v*100) + " %"
}

// significant writes three significant digits, and all digits before the point.
func significant(v float64) string {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Sprint(v)
	}
	digits := 2 - int(math.Floor(math.Log10(math.Abs(v))))
	if rounded := math.Abs(v) * math.Pow10(digits); math.Round(rounded) >= 1000 {
		digits--
	}
	return strconv.FormatFloat(v, 'f', min(max(digits, 0), 9), 64)
}

// times writes a ratio: two digits behind the point near 1, fewer far from it.
func times(v float64) string {
	if v >= 0.1 && v < 99.5 {
		digits := 2
		if v >= 9.995 {
			digits = 1
		}
		return strconv.FormatFloat(v, 'f', digits, 64)
	}
	return significant(v)
}
