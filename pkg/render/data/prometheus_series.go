package data

import (
	"fmt"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
)

// families writes a family of samples that have a name and a unit in common.
type families func(name, help string, write func(sample func(labels string, value float64)))

// unitSeries is the family of all metrics of one unit.
type unitSeries struct {
	unit v1alpha1.Unit
	// what and suffix make its name, and with "difference" between them that of
	// what arms add.
	what, suffix, help string
	// label tells the metrics of one unit apart.
	label string
	// disturbed is set for what a disturbance does.
	disturbed bool
	// base is what a value is multiplied by to be in base units.
	base float64
}

// holds reports whether a metric with values of a unit is of the family.
func (s unitSeries) holds(name v1alpha1.Metric, unit v1alpha1.Unit) bool {
	m, _ := metric.Find(name)
	return unit == s.unit && m.Disturbed == s.disturbed
}

func (s unitSeries) name() string { return "meshbench_" + s.what + "_" + s.suffix }

func series() []unitSeries {
	return []unitSeries{
		{v1alpha1.UnitPerSecond, "throughput", "requests_per_second", "Requests answered as asked, per second.", "", false,
			1},
		{v1alpha1.UnitSeconds, "latency", "seconds", "Latency, by statistic.", "statistic", false, 1},
		{v1alpha1.UnitTimes, "received_requests", "per_sent_request",
			"Requests that the target received for each one that was sent: above 1, something retries.", "", false, 1},
		{v1alpha1.UnitRatio, "failed_requests", "ratio", "Share of requests that failed.", "", false, 1},
		// Milliseconds for 1,000 requests are as many microseconds for one.
		{v1alpha1.UnitCPUPer1000, "cpu", "seconds_per_request", "CPU time for a request, by who spent it.", "metric", false,
			1e-6},
		{v1alpha1.UnitCores, "cpu", "cores", "Cores in use at the load of a trial, by whom.", "metric", false, 1},
		{v1alpha1.UnitRequests, "disturbed", "requests",
			"Requests that failed, or were held, in a window with a disturbance.",
			"metric", true, 1},
		{v1alpha1.UnitSeconds, "disturbed", "seconds", "What a disturbance of the targets does, in time.", "metric", true, 1},
		{v1alpha1.UnitBytes, "memory", "bytes", "Memory in a trial, mean and most, by whose it is.", "metric", false, 1},
	}
}

// differences writes what each arm adds to the baseline, in the unit of what is
// compared: the mean over rounds, and the ends of its 95 % interval.
func differences(r v1alpha1.Report, of func(v1alpha1.Address) string, family families) {
	units := map[v1alpha1.Address]map[v1alpha1.Metric]v1alpha1.Unit{}
	for _, c := range r.Cells {
		units[c.Address] = map[v1alpha1.Metric]v1alpha1.Unit{}
		for _, v := range c.Values {
			units[c.Address][v.Metric] = v.Unit
		}
	}
	for _, s := range series() {
		var all []v1alpha1.Comparison
		for _, c := range r.Comparisons {
			if c.Difference != nil && s.holds(c.Metric, units[c.Address][c.Metric]) {
				all = append(all, c)
			}
		}
		if len(all) == 0 {
			continue
		}
		help := s.help + " The arm's less the baseline's: mean over rounds, ends of its 95 % interval."
		family("meshbench_"+s.what+"_difference_"+s.suffix, help, func(sample func(string, float64)) {
			for _, c := range all {
				labels := of(c.Address)
				if s.label != "" {
					labels += fmt.Sprintf(`,%s="%s"`, s.label, quoted(string(c.Metric)))
				}
				for _, end := range []struct {
					bound string
					value *float64
				}{{"mean", &c.Difference.Value}, {"low", c.Difference.Low}, {"high", c.Difference.High}} {
					if end.value != nil {
						sample(labels+`,bound="`+end.bound+`"`, *end.value*s.base)
					}
				}
			}
		})
	}
}
