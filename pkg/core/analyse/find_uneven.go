package analyse

import (
	"fmt"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/words"
)

const (
	codeUneven = "replicas-uneven"

	// unevenShare is how many times its part of the requests one of several targets
	// may get before that is said; unevenLeast the requests that it takes for that.
	unevenShare = 1.5
	unevenLeast = 1000
)

// uneven finds cells in which one of several targets got much more than its part:
// what is measured is then that one, and not so many.
func uneven(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.cells {
		for _, r := range c.rounds {
			n := r.trial.Received
			if n == nil || len(n.Replicas) < 2 || n.Received < unevenLeast {
				continue
			}
			most, shares := v1alpha1.ReplicaCount{}, []string{}
			for _, one := range n.Replicas {
				shares = append(shares, fmt.Sprintf("%.0f %%", 100*float64(one.Received)/float64(n.Received)))
				if one.Received > most.Received {
					most = one
				}
			}
			if float64(most.Received*int64(len(n.Replicas))) <= unevenShare*float64(n.Received) {
				continue
			}
			out = append(out, c.finding(v1alpha1.SeverityWarn,
				"Where connections are shared out and not requests, use more connections, or requestsPerConnection: one "+
					"connection stays with one target. A mesh that shares out requests does not need it.",
				"of %s requests %s went to one of %d targets (round %d): %s", words.Thousands(n.Received),
				fmt.Sprintf("%.0f %%", 100*float64(most.Received)/float64(n.Received)), len(n.Replicas), r.trial.Round,
				strings.Join(shares, ", ")))
			break
		}
	}
	return out
}
