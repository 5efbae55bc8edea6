package analyse

import (
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// compare sets every metric of every arm against the baseline of its level.
func compare(d *data) []v1alpha1.Comparison {
	var out []v1alpha1.Comparison
	for _, c := range d.cells {
		if c.at.Arm == d.baseline.Name {
			continue
		}
		base := d.byAddress[c.at.Of(d.baseline.Name)]
		for _, v := range c.summary {
			if c.none[v.Metric] && base.none[v.Metric] {
				continue // there is nothing to compare
			}
			one := paired(c.against(v.Metric), base.against(v.Metric))
			one.Address, one.Metric = c.at, v.Metric
			out = append(out, one)
		}
	}
	return out
}

// paired compares two series round by round. Where a value is 0, as errors
// usually are, there is a difference but no ratio.
func paired(arm, base []v1alpha1.RoundValue) v1alpha1.Comparison {
	atBase := map[int]float64{}
	for _, v := range base {
		atBase[v.Round] = v.Value
	}
	var a, b []float64
	for _, v := range arm {
		if w, ok := atBase[v.Round]; ok {
			a, b = append(a, v.Value), append(b, w)
		}
	}
	out := v1alpha1.Comparison{Pairs: len(a), Evidence: v1alpha1.EvidenceInconclusive}
	if len(a) == 0 {
		return out
	}
	differences := stats.Differences(a, b)
	difference := stats.MeanInterval(differences)
	out.Difference = &difference
	tested, none := difference, 0.0
	ranked := differences
	if ratio, ok := stats.RatioInterval(a, b); ok {
		out.Ratio = &ratio
		tested, none = ratio, 1
		ranked, _ = stats.LogRatios(a, b)
	}
	if tested.Low == nil {
		return out
	}
	p := stats.Wilcoxon(ranked)
	out.PValue = &p
	switch {
	case *tested.Low > none:
		out.Evidence = v1alpha1.EvidenceHigher
	case *tested.High < none:
		out.Evidence = v1alpha1.EvidenceLower
	default:
		out.Evidence = v1alpha1.EvidenceNone
	}
	return out
}
