package metric

import (
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Main lists the metrics of the load side and what leads among the costs.
func Main() []Metric { return append(Load(), Total()) }

// Find is the metric of that name, also of a cost's part; ok is false of one
// that only another release knows.
func Find(name v1alpha1.Metric) (m Metric, ok bool) {
	for _, m := range Main() {
		if m.Name == name {
			return m, true
		}
	}
	for _, p := range parts() {
		for _, k := range Kinds() {
			if m, ok := Cost(k, p.name); ok && m.Name == name {
				return m, true
			}
		}
	}
	return Metric{}, false
}

// InObjective is the metric that an objective calls so.
func InObjective(name string) (m Metric, ok bool) {
	for _, m := range Main() {
		if m.Objective != "" && (m.Objective == name || string(m.Name) == name) {
			return m, true
		}
	}
	return Metric{}, false
}

// Objectives lists the names in objectives for a sentence: "rps, mean ... or cpu".
func Objectives() string {
	var names []string
	for _, m := range Main() {
		if m.Objective != "" {
			names = append(names, m.Objective)
		}
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// Leading lists the metrics that lead.
func Leading() []Metric { return those(func(m Metric) bool { return m.Leads }) }

// Table lists the metrics that a table shows, its wide form if wide.
func Table(wide bool) []Metric {
	return those(func(m Metric) bool { return m.Shown == InTable || wide && m.Shown == InWide })
}

func those(are func(Metric) bool) []Metric {
	var all []Metric
	for _, m := range Main() {
		if are(m) {
			all = append(all, m)
		}
	}
	return all
}

// Steady is the metric that ought to be the same in every round: what the system
// is free to choose.
func Steady(r v1alpha1.Rate) v1alpha1.Metric {
	if r.ClosedLoop() {
		return v1alpha1.MetricThroughput
	}
	return v1alpha1.MetricP50
}

// Deciding is the metric that a run adds rounds for: what a closed loop is asked
// for, and the tail of a schedule.
func Deciding(r v1alpha1.Rate) v1alpha1.Metric {
	if r.ClosedLoop() {
		return v1alpha1.MetricThroughput
	}
	return v1alpha1.MetricP99
}
