package render

import "github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"

// column is one metric of a table.
type column struct {
	title  string
	metric v1alpha1.Metric
	// compared columns show a ratio; the largest of all samples never does, it
	// is one request.
	compared bool
}

func columns() []column {
	return []column{
		{"RPS", v1alpha1.MetricThroughput, true},
		{"P50", v1alpha1.MetricP50, true},
		{"P90", v1alpha1.MetricP90, true},
		{"P99", v1alpha1.MetricP99, true},
		{"P99.9", v1alpha1.MetricP999, true},
		{"MAX", v1alpha1.MetricMax, false},
		{"ERRORS", v1alpha1.MetricErrors, true},
		{"CPU/1K", v1alpha1.CPUPer1000(v1alpha1.CostTotal), true},
	}
}

func wideColumns() []column {
	c := columns()
	wide := append([]column{c[0], {"MEAN", v1alpha1.MetricMean, true}}, c[1:5]...)
	return append(append(wide, column{"P99.99", v1alpha1.MetricP9999, true}), c[5:]...)
}
