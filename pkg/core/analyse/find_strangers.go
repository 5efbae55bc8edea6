package analyse

import "github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"

const (
	codeImpostor  = "impostor"
	codeStrangers = "strangers"
)

// impostors finds cells in which somebody else than the run's target answered:
// who could not prove to be it, or who took requests that never reached it.
func impostors(d *data) []v1alpha1.Finding {
	const advice = "Look at the endpoints of the target's Service, and at what else answers for its address: " +
		"what was measured is not the target."
	var out []v1alpha1.Finding
	for _, c := range d.cells {
		for _, r := range c.rounds {
			if r.trial.Impostor != "" {
				out = append(out, c.finding(v1alpha1.SeverityVoid, advice, "%s (round %d)", r.trial.Impostor, r.trial.Round))
				break
			}
			n := r.trial.Received
			if n == nil || r.trial.Load == nil {
				continue
			}
			// Failed requests may not have reached anybody, those of the warm-up neither,
			// but for those that the target failed itself.
			failed := r.trial.Load.Failed() - c.asked(r.trial.Load)
			missing := n.Sent - n.Received - failuresForgiven*failed
			if missing >= resentLeast && float64(missing) > resentShare*float64(n.Sent) {
				out = append(out, c.finding(v1alpha1.SeverityVoid, advice,
					"%d requests were sent and answered, and the target received %d of them (round %d): "+
						"somebody else answered the rest",
					n.Sent, n.Received, r.trial.Round))
				break
			}
		}
	}
	return out
}

// failuresForgiven are the requests that are not missed for each failed one of
// a window: those of the warm-up fail as well, and nobody counts them.
const failuresForgiven = 10

// strangers finds cells whose target served others beside the run: they took
// its time, and the latencies are those of both.
func strangers(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.cells {
		for _, r := range c.rounds {
			n := r.trial.Received
			if n == nil || n.Strangers == nil || *n.Strangers < resentLeast ||
				float64(*n.Strangers) <= resentShare*float64(n.Sent) {
				continue
			}
			out = append(out, c.finding(v1alpha1.SeverityVoid,
				"Keep others away from the run's ports, with a NetworkPolicy for instance (manifests/policies), and run it again.",
				"the target served %d requests of others beside the %d of this run (round %d)", *n.Strangers, n.Sent,
				r.trial.Round))
			break
		}
	}
	return out
}
