package analyse

import (
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
)

const (
	codeNoiseFloor = "noise-floor"
	codeNoise      = "baseline-differs-from-itself"
)

// noiseFloor says which effects this run could not have told from noise: the
// far end of the interval of the baseline's ratio to itself.
func noiseFloor(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.controls() {
		var parts []string
		for _, m := range metric.Leading() {
			if r := c.ratio(m.Name); r != nil && r.Low != nil {
				parts = append(parts, fmt.Sprintf("%.3g %% in %s", 100*max(*r.High-1, 1-*r.Low), m.Name))
			}
		}
		if len(parts) > 0 {
			out = append(out, c.finding(v1alpha1.SeverityInfo, "",
				"the baseline against itself: this run could not have seen an effect smaller than %s", strings.Join(parts, ", ")))
		}
	}
	return out
}

// baselineDiffers finds a baseline whose two arms do not agree, by the same
// measure as any other difference that the run claims.
func baselineDiffers(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.controls() {
		for _, m := range metric.Leading() {
			compared := c.compared(m.Name)
			if compared.Ratio == nil || compared.Conclusion != v1alpha1.ConclusionHigher &&
				compared.Conclusion != v1alpha1.ConclusionLower {
				continue
			}
			r := compared.Ratio
			out = append(out, c.finding(v1alpha1.SeverityWarn,
				"Take effects of this size for noise, or run more rounds on quieter nodes.",
				"%s of the baseline's second arm is %.3g x that of its first [%.3g, %.3g]", m.Name, r.Value, *r.Low, *r.High))
		}
	}
	return out
}

// control is a cell of the baseline's second arm and what it was compared to be.
type control struct {
	*cell
	comparisons []v1alpha1.Comparison
}

func (d *data) controls() []control {
	var all []control
	for _, c := range d.cells {
		if c.arm.Role != v1alpha1.RoleControl {
			continue
		}
		one := control{cell: c}
		for _, compared := range d.comparisons {
			if compared.Address == c.at {
				one.comparisons = append(one.comparisons, compared)
			}
		}
		all = append(all, one)
	}
	return all
}

func (c control) ratio(m v1alpha1.Metric) *v1alpha1.Estimate { return c.compared(m).Ratio }

// compared is the comparison of a metric, without anything where there is none.
func (c control) compared(m v1alpha1.Metric) v1alpha1.Comparison {
	for _, compared := range c.comparisons {
		if compared.Metric == m {
			return compared
		}
	}
	return v1alpha1.Comparison{}
}
