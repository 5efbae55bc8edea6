package data

import (
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
)

// observation is what a trial used, where no metric of the report says so.
type observation struct {
	metric v1alpha1.Metric
	unit   v1alpha1.Unit
	value  float64
}

// usageOf is how the nodes spent their time, by how much CPU time may be wrong,
// and how close the load pods were to their limits. What was not measured of all
// of them is absent.
func usageOf(t v1alpha1.Trial) []observation {
	containers, nodes := resource.Counted(t.Resources)
	var user, system, softIRQ, bounds, throttled, resident []*float64
	for _, n := range nodes {
		user, system, softIRQ = append(user, n.UserSeconds), append(system, n.SystemSeconds),
			append(softIRQ, n.SoftIRQSeconds)
	}
	for _, c := range containers {
		bounds = append(bounds, c.CPUErrorSeconds)
	}
	for _, c := range t.Clients {
		throttled = append(throttled, c.ThrottledSeconds)
		if c.MaxRSSBytes == nil {
			resident = append(resident, nil)
			continue
		}
		bytes := float64(*c.MaxRSSBytes)
		resident = append(resident, &bytes)
	}
	var out []observation
	for _, one := range []struct {
		metric v1alpha1.Metric
		unit   v1alpha1.Unit
		parts  []*float64
	}{
		{"nodes-user", v1alpha1.UnitSeconds, user},
		{"nodes-system", v1alpha1.UnitSeconds, system},
		{"nodes-softirq", v1alpha1.UnitSeconds, softIRQ},
		{"containers-cpu-error", v1alpha1.UnitSeconds, bounds},
		{"load-throttled", v1alpha1.UnitSeconds, throttled},
		{"load-max-rss", v1alpha1.UnitBytes, resident},
	} {
		if sum, ok := sumOf(one.parts); ok {
			out = append(out, observation{one.metric, one.unit, sum})
		}
	}
	return out
}

// sumOf adds up values, if there are any and all of them are known.
func sumOf(parts []*float64) (sum float64, ok bool) {
	for _, p := range parts {
		if p == nil {
			return 0, false
		}
		sum += *p
	}
	return sum, len(parts) > 0
}
