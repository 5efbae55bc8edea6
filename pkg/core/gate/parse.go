// Package gate holds arms to service level objectives. It is pure.
package gate

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
)

// SLO is an objective: a metric on one side of a bound.
type SLO struct {
	// Text is the objective as it was written.
	Text   string
	Metric v1alpha1.Metric
	// Above says that the metric must be above the bound; else below.
	Above bool
	// OrEqual admits the bound itself.
	OrEqual bool
	// Relative bounds are a multiple of the baseline, else in the metric's unit.
	Relative bool
	Bound    float64
}

// Parse reads METRIC OPERATOR BOUND. The bound is a number with the metric's
// unit, or "baseline" with a factor on either side: "p99 < 20ms",
// "rps > 0.8 * baseline", "errors <= 0.1%", "cpu < 150ms".
func Parse(text string) (SLO, error) {
	fail := func(format string, args ...any) (SLO, error) {
		return SLO{}, fmt.Errorf("objective %.80q: "+format, append([]any{text}, args...)...)
	}
	at := strings.IndexAny(text, "<>")
	if at < 0 {
		return fail("there is no <, <=, > or >=: write e.g. \"p99 < 20ms\"")
	}
	s := SLO{Text: strings.Join(strings.Fields(text), " "), Above: text[at] == '>'}
	name := strings.TrimSpace(text[:at])
	m, ok := metric.InObjective(name)
	if !ok {
		return fail("%.20q is no metric: want %s", name, metric.Objectives())
	}
	s.Metric = m.Name
	bound := text[at+1:]
	if rest, ok := strings.CutPrefix(bound, "="); ok {
		s.OrEqual, bound = true, rest
	}
	bound = strings.TrimSpace(bound)
	var err error
	if strings.Contains(bound, "baseline") {
		s.Relative = true
		s.Bound, err = factor(bound)
	} else {
		s.Bound, err = absolute(m.Unit, bound)
	}
	if err == nil && (s.Bound < 0 || math.IsInf(s.Bound, 0) || math.IsNaN(s.Bound)) {
		err = errors.New("the bound is no finite number above 0")
	}
	if err == nil && m.Unit == v1alpha1.UnitRatio && !s.Relative && s.Bound >= 1 {
		err = errors.New("the bound is that of all requests: write 1% for one in a hundred")
	}
	if err != nil {
		return fail("%w", err)
	}
	return s, nil
}

// factor reads "baseline", "baseline * 1.3" or "1.3 * baseline".
func factor(bound string) (float64, error) {
	left, right, product := strings.Cut(bound, "*")
	left, right = strings.TrimSpace(left), strings.TrimSpace(right)
	switch {
	case !product && left == "baseline":
		return 1, nil
	case product && left == "baseline":
		return number(right)
	case product && right == "baseline":
		return number(left)
	}
	return 0, errors.New(`want "baseline" times one number`)
}

func number(s string) (float64, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, fmt.Errorf("%.20q is no number", s)
	}
	return f, nil
}

// scaled is a number times a power of ten, rounded once: 0.7 / 100 is not the
// number nearest to 0.007, and an objective may be met exactly.
func scaled(s string, exponent int) (float64, error) {
	f, err := number(s)
	if err != nil {
		return 0, err
	}
	if exact, err := strconv.ParseFloat(fmt.Sprintf("%se%d", s, exponent), 64); err == nil {
		return exact, nil
	}
	return f * math.Pow10(exponent), nil // written with an exponent of its own
}

// absolute reads a bound in the metric's unit: requests per second, a share of
// requests (0.001 or 0.1%), a factor (1.02), milliseconds for 1,000 requests, or a
// duration in seconds.
func absolute(u v1alpha1.Unit, bound string) (float64, error) {
	switch u {
	case v1alpha1.UnitPerSecond:
		bound = strings.TrimSuffix(bound, "/s")
		if thousands, ok := strings.CutSuffix(bound, "k"); ok {
			return scaled(thousands, 3)
		}
		return number(bound)
	case v1alpha1.UnitRatio:
		if percent, ok := strings.CutSuffix(bound, "%"); ok {
			return scaled(strings.TrimSpace(percent), -2)
		}
		return number(bound)
	case v1alpha1.UnitRequests:
		return number(bound)
	case v1alpha1.UnitTimes:
		return number(strings.TrimPrefix(bound, "x"))
	default:
		d, err := time.ParseDuration(strings.ReplaceAll(bound, " ", ""))
		if err != nil {
			return 0, fmt.Errorf("%.20q is no duration: write e.g. 20ms", bound)
		}
		if u == v1alpha1.UnitCPUPer1000 {
			return 1000 * d.Seconds(), nil
		}
		return d.Seconds(), nil
	}
}
