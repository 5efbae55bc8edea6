package data

import (
	"fmt"
	"io"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

// Benchstat writes Go's benchmark format, one line per round and arm, so
// that `benchstat -col /arm` compares them.
func Benchstat(out io.Writer, r v1alpha1.Report, _ term.Style) error {
	var b strings.Builder
	fmt.Fprintf(&b, "cluster: %s\nversion: %s\n", word(r.Cluster.Context), word(r.Run.Version))
	for _, c := range r.Cells {
		if c.Void {
			continue
		}
		perRound := map[int][]string{}
		var rounds []int
		for _, v := range c.Values {
			for _, one := range v.PerRound {
				if _, seen := perRound[one.Round]; !seen {
					rounds = append(rounds, one.Round)
				}
				perRound[one.Round] = append(perRound[one.Round], fmt.Sprintf("%g %s", scaled(one.Value, v.Unit), unitName(v)))
			}
		}
		for _, round := range rounds {
			fmt.Fprintf(&b, "Benchmark%s/level=%s/arm=%s 1 %s\n", words.Capital(word(c.Experiment)), word(c.Level), word(c.Arm),
				strings.Join(perRound[round], " "))
		}
	}
	benchstatSlopes(&b, r)
	_, err := io.WriteString(out, b.String())
	return err
}

func unitName(v v1alpha1.MetricValue) string {
	switch v.Unit {
	case v1alpha1.UnitSeconds:
		return word(string(v.Metric)) + "-ns/op"
	case v1alpha1.UnitPerSecond:
		return "req/s"
	case v1alpha1.UnitCPUPer1000:
		return string(v.Metric) + "-ms/1k-req"
	case v1alpha1.UnitCores, v1alpha1.UnitBytes:
		return string(v.Metric) + "-" + string(v.Unit)
	default:
		return word(string(v.Metric)) + "-ratio"
	}
}

func scaled(v float64, u v1alpha1.Unit) float64 {
	if u == v1alpha1.UnitSeconds {
		return v * 1e9
	}
	return v
}

// word is a text without what would end a field.
func word(text string) string {
	return strings.Join(strings.Fields(term.Clean(text)), "_")
}
