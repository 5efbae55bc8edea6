package analyse

import (
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/factor"
)

const codeAboveCeiling = "above-ceiling"

// ceilings are the bounds that closed loops without a mesh put on the levels of
// the other experiments: the lowest one that applies to each. A comparable
// baseline close to its ceiling is as it should be, and no finding.
func ceilings(d *data) []v1alpha1.Ceiling {
	var out []v1alpha1.Ceiling
	for _, c := range d.cells {
		if c.arm.Name != d.baseline.Name || measuresCeiling(c) {
			continue
		}
		if ceiling := ceilingOf(d, c.level); ceiling != nil {
			ceiling.Experiment, ceiling.Level = c.at.Experiment, c.at.Level
			out = append(out, *ceiling)
		}
	}
	for _, s := range d.searches {
		if s.arm.Name != d.baseline.Name {
			continue
		}
		if ceiling := ceilingOf(d, s.level); ceiling != nil {
			ceiling.Experiment, ceiling.Level = s.experiment.Metadata.Name, s.level.ID
			out = append(out, *ceiling)
		}
	}
	return out
}

// measuresCeiling reports whether a cell is of an experiment that asks what the
// cluster does without a mesh.
func measuresCeiling(c *cell) bool {
	return c.experiment.Spec.Arms == v1alpha1.ArmsBaseline && c.level.Rate.ClosedLoop()
}

func ceilingOf(d *data, level v1alpha1.Level) *v1alpha1.Ceiling {
	var lowest *v1alpha1.Ceiling
	for _, c := range d.cells {
		if !measuresCeiling(c) || !factor.Bounds(c.level, level) {
			continue
		}
		for _, v := range c.summary {
			if v.Metric == v1alpha1.MetricThroughput && v.Value != nil && *v.Value > 0 &&
				(lowest == nil || *v.Value < lowest.PerSecond) {
				lowest = &v1alpha1.Ceiling{PerSecond: *v.Value, Source: c.at.Experiment, SourceLevel: c.at.Level}
			}
		}
	}
	return lowest
}

// aboveCeiling finds rates that not even the baseline can have.
func aboveCeiling(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, bound := range d.ceilings {
		c := d.byAddress[v1alpha1.Address{Experiment: bound.Experiment, Level: bound.Level, Arm: d.baseline.Name}]
		if c == nil || c.level.Rate.ClosedLoop() || float64(c.level.Rate) <= bound.PerSecond {
			continue
		}
		f := c.finding(v1alpha1.SeverityWarn,
			"Lower the rate, or add load pods: at this level every arm is measured in overload.",
			"the target of %s requests/s is above the ceiling without a mesh, %.4g/s (%s, %s)", c.level.Rate, bound.PerSecond,
			bound.Source, bound.SourceLevel)
		f.Arm = ""
		out = append(out, f)
	}
	return out
}
