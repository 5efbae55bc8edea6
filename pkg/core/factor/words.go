package factor

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// The words that the table is written in.

func always[T any](v T) func(v1alpha1.ExperimentSpec) T {
	return func(v1alpha1.ExperimentSpec) T { return v }
}

func itself[T any](v T) T { return v }

func to[T any](v T) func(T) T { return func(T) T { return v } }

func equal[T comparable](a, b T) bool { return a == b }

func atMost[T cmp.Ordered](a, b T) bool { return a <= b }

func oneOf[T comparable](all ...T) func(T) string {
	return func(v T) string { return unless(slices.Contains(all, v), fmt.Sprintf("%v is not one of %v", v, all)) }
}

func within[T int | int64 | float64 | v1alpha1.Rate](low, high T) func(T) string {
	return func(v T) string {
		return unless(v >= low && v <= high, fmt.Sprintf("%v is not between %v and %v", v, low, high))
	}
}

func lasting(low, high time.Duration) func(v1alpha1.Duration) string {
	return func(d v1alpha1.Duration) string {
		return unless(d.Duration >= low && d.Duration <= high,
			fmt.Sprintf("%s is not between %s and %s", d.Duration, low, high))
	}
}

func counted[T int | int64](label string) *axis[T] {
	return &axis[T]{label: label, at: func(v T) (float64, bool) { return float64(v), true }}
}

// stepped are values of which each further one adds its own: a line over them means
// something.
func stepped[T any](a *axis[T], per string) *axis[T] {
	a.per = per
	return a
}

func unless(silent bool, text string) string {
	if silent {
		return ""
	}
	return text
}

// text is a value as a document says it.
func text(v any) string {
	if d, ok := v.(v1alpha1.Duration); ok {
		return d.Duration.String()
	}
	return fmt.Sprint(v)
}

// number writes a number so that reading it gives the same one.
func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func integer(n int64) string { return number(float64(n)) }

// percent is a share of requests in words.
func percent(v float64) string { return fmt.Sprintf("%.4g %%", 100*v) }
