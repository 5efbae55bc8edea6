package analyse

import (
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
	"github.com/meshbench/kubectl-meshbench/pkg/core/resource"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

// subtracted is the use without load that a cell's metric had taken off, on
// average over rounds and in the metric's unit.
type subtracted struct {
	idle float64
	// shared is the part that other rounds have taken off too: its error is the
	// same in all of them, and does not show in the differences between them.
	shared float64
}

func takenOff(all []used, of func(used) resource.Amount) subtracted {
	var out subtracted
	n := 0.0
	for _, u := range all {
		if a := of(u); a.Value != nil {
			n++
			out.idle += (a.Idle - out.idle) / n
			out.shared += (a.Shared - out.shared) / n
		}
	}
	return out
}

// undecidable reports whether a comparison rests on an idle figure whose error
// no interval over rounds can hold.
func undecidable(arm, base subtracted, armValue, baseValue float64) bool {
	return resource.RestsOnShared(armValue, arm.shared) || resource.RestsOnShared(baseValue, base.shared)
}

// subtractedPair compares two costs round by round as far as what was taken off
// allows. Where rounds have windows of their own, the error of each is one of
// that round and so in the interval.
func subtractedPair(m metric.Metric, arm, base []v1alpha1.RoundValue, offArm, offBase subtracted,
	first int) (v1alpha1.Comparison, []float64) {
	out, values := paired(m, arm, base, first)
	if out.Ratio != nil && !resource.StandsOut(numbersOf(base), offBase.idle) {
		out.Ratio, out.PValue = nil, nil
		if values != nil {
			values = differencesOf(arm, base)
			p := stats.Wilcoxon(values)
			out.PValue = &p
		}
	}
	if out.Difference != nil && undecidable(offArm, offBase, meanOf(arm), meanOf(base)) {
		values, out.PValue, out.Conclusion = nil, nil, v1alpha1.ConclusionInconclusive
		for _, e := range []*v1alpha1.Estimate{out.Ratio, out.Difference} {
			if e != nil {
				e.Low, e.High = nil, nil
			}
		}
	}
	return out, values
}

func differencesOf(arm, base []v1alpha1.RoundValue) []float64 {
	atBase := map[int]float64{}
	for _, v := range base {
		atBase[v.Round] = v.Value
	}
	var out []float64
	for _, v := range arm {
		if w, ok := atBase[v.Round]; ok {
			out = append(out, v.Value-w)
		}
	}
	return out
}

func meanOf(all []v1alpha1.RoundValue) float64 { return stats.Mean(numbersOf(all)) }

func numbersOf(all []v1alpha1.RoundValue) (out []float64) {
	for _, v := range all {
		out = append(out, v.Value)
	}
	return out
}
