package quantity

import (
	"math"
	"strconv"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// scale is how a difference is written: in what, and how far one of it goes.
type scale struct {
	per float64
	// unit stands behind the first number, tail behind each.
	unit, tail string
}

// Difference writes a difference of two quantities with its sign, and its
// interval in the same unit without naming it again: "+1.01 ms", "0.98..1.04".
// The interval is empty where there is none. Shares differ by percentage points.
func Difference(e v1alpha1.Estimate, u v1alpha1.Unit) (point, interval string) {
	most := math.Abs(e.Value)
	for _, bound := range []*float64{e.Low, e.High} {
		if bound != nil {
			most = math.Max(most, math.Abs(*bound))
		}
	}
	if most == 0 {
		return "0", ""
	}
	s := scaleOf(most, u)
	digits := max(0, 2-int(math.Floor(math.Log10(most/s.per)+1e-9)))
	write := func(v float64) string {
		text := strconv.FormatFloat(v/s.per, 'f', min(digits, 9), 64)
		if zero, err := strconv.ParseFloat(text, 64); err == nil && zero == 0 {
			return "0"
		}
		return text + s.tail
	}
	point = write(e.Value)
	if e.Value > 0 && point != "0" {
		point = "+" + point
	}
	return point + s.unit, Interval(e, write)
}

// scaleOf is the scale that suits the largest of the numbers.
func scaleOf(most float64, u v1alpha1.Unit) scale {
	switch u {
	case v1alpha1.UnitSeconds:
		return secondsScale(most, 1)
	case v1alpha1.UnitCPUPer1000:
		return secondsScale(most/1e3, 1e3)
	case v1alpha1.UnitRatio:
		return scale{per: 0.01, unit: " pp"}
	case v1alpha1.UnitBytes:
		return scale{per: 1 << 20, unit: " MiB"}
	case v1alpha1.UnitPerSecond:
		switch {
		case most < 9995:
			return scale{per: 1, unit: "/s"}
		case most < 999.5e3:
			return scale{per: 1e3, unit: "/s", tail: "k"}
		}
		return scale{per: 1e6, unit: "/s", tail: "M"}
	}
	return scale{per: 1}
}

// secondsScale is of a time in seconds, of which one is so many of the unit.
func secondsScale(most, of float64) scale {
	switch {
	case most < 999.5e-9:
		return scale{per: of * 1e-9, unit: " ns"}
	case most < 999.5e-6:
		return scale{per: of * 1e-6, unit: " µs"}
	case most < 999.5e-3:
		return scale{per: of * 1e-3, unit: " ms"}
	}
	return scale{per: of, unit: " s"}
}
