package analyse

import (
	"fmt"
	"math"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const (
	codeFaultShare = "fault-share"
	codeNoBudget   = "retries-without-budget"

	// A share that is drawn is believed within so many standard deviations, and so
	// many requests: of a million trials none is beyond.
	drawnSigmas = 5
	drawnLeast  = 5
	// withoutBudget is what no budget lets through: Envoy's, Linkerd's and that of
	// the Gateway API (GEP-3388) are 20 % of the requests.
	withoutBudget = 1.5
	usualBudget   = 1.2
)

// asked is how many of a trial's failures its level asked for: those that the target
// says it failed on purpose, and no more than it can have drawn.
func (c *cell) asked(l *v1alpha1.LoadResult) int64 {
	faults := l.Faults()
	if c.level.ErrorRatio <= 0 || faults == 0 {
		return 0
	}
	_, most := drawn(c.level.ErrorRatio, l.Requests+l.Failed())
	return min(faults, most)
}

// drawn is between what and what a number of independent draws comes to.
func drawn(share float64, of int64) (least, most int64) {
	n := float64(of)
	off := drawnSigmas*math.Sqrt(n*share*(1-share)) + drawnLeast
	return int64(max(0, math.Floor(n*share-off))), int64(min(n, math.Ceil(n*share+off)))
}

// faultShare finds cells whose target did not fail the share that their level asks
// for: the arms did not have the same.
func faultShare(d *data) []v1alpha1.Finding {
	const advice = "Use plugin and worker of one release, and look for what answers in the target's place, or " +
		"drops a query."
	var out []v1alpha1.Finding
	for _, c := range d.cells {
		share := c.level.ErrorRatio
		if share <= 0 {
			continue
		}
		for _, r := range c.rounds {
			n := r.trial.Received
			if n == nil || n.Faults == nil {
				continue
			}
			if least, most := drawn(share, n.Received); *n.Faults < least || *n.Faults > most {
				out = append(out, c.finding(v1alpha1.SeverityVoid, advice,
					"the target failed %d of the %d requests that it received, and was to fail %s (round %d)", *n.Faults,
					n.Received, percentOf(share), r.trial.Round))
				break
			}
		}
	}
	return out
}

func percentOf(share float64) string { return fmt.Sprintf("%.3g %%", 100*share) }

// retriesWithoutBudget finds cells in which so much was sent again that no budget of
// retries holds it back: when more of a service fails, its load grows.
func retriesWithoutBudget(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.cells {
		var sent, received int64
		for _, r := range c.rounds {
			if n := r.trial.Received; n != nil && countedAll(r.trial) {
				sent += n.Sent
				received += n.Received
			}
		}
		if received-sent < resentLeast || float64(received) <= withoutBudget*float64(sent) {
			continue
		}
		out = append(out, c.finding(v1alpha1.SeverityWarn,
			"Give the mesh's retries a budget (Istio: retryBudget of a DestinationRule's trafficPolicy; Linkerd and the "+
				"Gateway API have one of 20 %): without one, a service that fails more is sent more.",
			"the target received x%.2f of the %d requests that were sent, and with a budget of 20 %% that were at most x%.1f",
			float64(received)/float64(sent), sent, usualBudget))
	}
	return out
}

// countedAll reports whether a target received at least what it answered: fewer are
// those of another one, or of one that began anew.
func countedAll(t v1alpha1.Trial) bool {
	return t.Received.Received >= t.Load.Requests+t.Load.Faults()
}
