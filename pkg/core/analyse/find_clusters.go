package analyse

import (
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const codeClusters = "clusters-differ"

// clustersDiffer finds meshed arms in another cluster than the baseline. A
// context is taken for a cluster: whether two of them lead to one is not known.
func clustersDiffer(d *data) []v1alpha1.Finding {
	name := func(a v1alpha1.Arm) string {
		if a.Context == "" {
			return d.report.Cluster.Context
		}
		return a.Context
	}
	var away []string
	for _, a := range d.report.Arms {
		if a.Context != d.baseline.Context {
			away = append(away, fmt.Sprintf("%s in %s", a.Name, name(a)))
		}
	}
	if len(away) == 0 {
		return nil
	}
	return []v1alpha1.Finding{{
		Severity: v1alpha1.SeverityWarn,
		Evidence: fmt.Sprintf("arms run in different clusters (%s in %s, %s): the comparison is not paired on one cluster",
			d.baseline.Name, name(d.baseline), strings.Join(away, ", ")),
		Advice: "Read the ratios as those of two clusters, machines included; for the cost of the mesh alone put both arms into one cluster.",
	}}
}

// elsewhere reports whether an arm is in another cluster than the baseline,
// where nodes cannot be the same.
func elsewhere(d *data, arm string) bool {
	for _, a := range d.report.Arms {
		if a.Name == arm {
			return a.Context != d.baseline.Context
		}
	}
	return false
}
