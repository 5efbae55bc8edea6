package data

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/slope"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
)

func slopesCSV(out io.Writer, r v1alpha1.Report) error {
	var all [][]string
	for _, s := range slope.Of(r) {
		bend := []string{"", ""}
		if s.Bend != nil {
			bend = []string{harmless(s.Bend.Level), exact(s.Bend.Off)}
		}
		row := []string{harmless(r.Run.ID), harmless(s.Experiment), harmless(strings.Join(s.Levels, " ")), harmless(s.Arm),
			harmless(s.Factor), harmless(s.PerUnit), harmless(string(s.Metric)), harmless(string(s.Unit)),
			strconv.Itoa(s.Rounds)}
		row = append(append(row, estimated(s.Value)...), harmless(string(s.Linearity)))
		row = append(append(row, bend...), strconv.Itoa(s.Pairs))
		row = append(append(row, estimated(s.Difference)...), estimated(s.Ratio)...)
		all = append(all, append(row, harmless(s.Missing)))
	}
	return rows(out, []string{"run", "experiment", "levels", "arm", "factor", "perUnit", "metric", "unit", "rounds",
		"slope", "slopeLow", "slopeHigh", "linearity", "bendLevel", "bendOff", "pairs", "difference", "differenceLow",
		"differenceHigh", "ratio", "ratioLow", "ratioHigh", "missing"}, all)
}

// stepOf names what a slope is of, where a level would stand: "each-hop", with what
// the levels have in common.
func stepOf(s v1alpha1.Slope) string {
	kept := []string{"each-" + s.PerUnit}
	for _, part := range strings.Split(s.Levels[0], ",") {
		if !strings.HasPrefix(part, s.Factor+"=") {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, ",")
}

// benchstatSlopes writes the slope of each round and arm as a benchmark of its own.
func benchstatSlopes(b *strings.Builder, r v1alpha1.Report) {
	type place struct {
		experiment, step, arm string
		round                 int
	}
	var order []place
	values := map[place][]string{}
	for _, s := range slope.Of(r) {
		unit := unitName(v1alpha1.MetricValue{Metric: s.Metric, Unit: s.Unit}) + "/" + word(s.PerUnit)
		for _, one := range s.PerRound {
			at := place{s.Experiment, stepOf(s), s.Arm, one.Round}
			if values[at] == nil {
				order = append(order, at)
			}
			values[at] = append(values[at], fmt.Sprintf("%g %s", scaled(one.Value, s.Unit), unit))
		}
	}
	for _, at := range order {
		fmt.Fprintf(b, "Benchmark%s/level=%s/arm=%s 1 %s\n", words.Capital(word(at.experiment)), word(at.step), word(at.arm),
			strings.Join(values[at], " "))
	}
}

// slopeSamples writes what each further step adds, in the unit of the metric.
func slopeSamples(r v1alpha1.Report, of func(v1alpha1.Address) string, family families) {
	all := slope.Of(r)
	for _, u := range series() {
		var own []v1alpha1.Slope
		for _, s := range all {
			if u.holds(s.Metric, s.Unit) && s.Value != nil {
				own = append(own, s)
			}
		}
		if len(own) == 0 {
			continue
		}
		help := u.help + " What each further step of a factor adds: mean over rounds, ends of its 95 % interval."
		family("meshbench_"+u.what+"_slope_"+u.suffix, help, func(sample func(string, float64)) {
			for _, s := range own {
				labels := of(v1alpha1.Address{Experiment: s.Experiment, Level: stepOf(s), Arm: s.Arm})
				labels += fmt.Sprintf(`,per="%s"`, quoted(s.PerUnit))
				if u.label != "" {
					labels += fmt.Sprintf(`,%s="%s"`, u.label, quoted(string(s.Metric)))
				}
				for _, end := range []struct {
					bound string
					value *float64
				}{{"mean", &s.Value.Value}, {"low", s.Value.Low}, {"high", s.Value.High}} {
					if end.value != nil {
						sample(labels+`,bound="`+end.bound+`"`, *end.value*u.base)
					}
				}
			}
		})
	}
}
