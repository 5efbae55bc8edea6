package analyse

import (
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
)

const (
	codeFaster = "faster-than-baseline"
	// surelyFaster is the adjusted p value up to which an arm is called faster: a
	// clean run does so in at most one of two hundred, which is half of it.
	surelyFaster = 0.01
)

// fasterThanBaseline finds meshed arms that beat the baseline. A proxy cannot
// make a path shorter: either the path is not what it seems, or it is noise.
func fasterThanBaseline(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.comparisons {
		at := d.byAddress[c.Address]
		if at.arm.Role != v1alpha1.RoleMeshed || c.Ratio == nil || c.AdjustedPValue == nil ||
			*c.AdjustedPValue > surelyFaster || !better(c) {
			continue
		}
		if c.Metric == v1alpha1.MetricThroughput && !at.level.Rate.ClosedLoop() && c.Ratio.Value*achievedShare <= 1 {
			continue // both arms ran at the rate that was asked for
		}
		if at.level.Drawn() || at.disturbed() {
			continue // an arm that sends failures again rightly answers more, and sooner
		}
		out = append(out, at.finding(v1alpha1.SeverityWarn,
			"Check that requests really pass the mesh, that both arms do the same work, and repeat the run.",
			"%s is %.3g x the baseline [%.3g, %.3g]: a mesh cannot make a path shorter", c.Metric, c.Ratio.Value, *c.Ratio.Low,
			*c.Ratio.High))
	}
	return out
}

// better looks at throughput and the middle of the latencies; tails beat each
// other by luck too often, and a mesh may well make less work for a node.
func better(c v1alpha1.Comparison) bool {
	m, ok := metric.Find(c.Metric)
	wanted := v1alpha1.ConclusionLower
	if m.MoreIsBetter {
		wanted = v1alpha1.ConclusionHigher
	}
	return ok && m.Judged && m.IsOfTrial() && c.Conclusion == wanted
}
