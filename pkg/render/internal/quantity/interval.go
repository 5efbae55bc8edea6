package quantity

import "github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"

// Interval writes the ends of an estimate's interval, "0.98..1.04"; empty where it
// has none, or one end only.
func Interval(e v1alpha1.Estimate, write func(float64) string) string {
	if e.Low == nil || e.High == nil {
		return ""
	}
	return write(*e.Low) + ".." + write(*e.High)
}

// Ratio writes a ratio and its interval: "x1.01", "0.98..1.04".
func Ratio(e v1alpha1.Estimate) (point, interval string) {
	return "x" + Times(e.Value), Interval(e, Times)
}

// Within puts an interval in brackets behind what it is of, if there is one.
func Within(text, open, interval, end string) string {
	if interval == "" {
		return text
	}
	return text + " " + open + interval + end
}
