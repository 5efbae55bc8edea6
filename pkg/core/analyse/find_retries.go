package analyse

import "github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"

const (
	// resentShare is the part of the sent requests from which on more that were
	// received are no accident, and resentLeast their least number.
	resentShare = 0.01
	resentLeast = 10
	// asksPerSecond bounds the requests of kubelets, which a proxy counts too.
	asksPerSecond = 2
)

// meshRetries finds cells whose target received clearly more requests than were
// sent: something on the way sent them again, and hides failures by it.
func meshRetries(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.cells {
		var sent, received, sockets int64
		for _, r := range c.rounds {
			// Fewer than were answered are those of another target, or of one that began anew.
			if n := r.trial.Received; n != nil && n.Received >= r.trial.Load.Requests {
				sent += n.Sent
				received += n.Received
				sockets += r.trial.Load.Sockets
			}
		}
		who := "the target received"
		if sent == 0 {
			sent, received = countedByServer(c)
			who = "the proxy beside the target counted"
		}
		// A connection may have been tried by a request that nobody counts.
		more := received - sent - sockets
		if sent == 0 || more < resentLeast || float64(more) < resentShare*float64(sent) {
			continue
		}
		out = append(out, c.finding(v1alpha1.SeverityWarn,
			"Turn retries off, or compare with a baseline that retries: they hide failures and load the target more.",
			"%s %d requests of the %d that were sent (x%.2f): something on the way sent them again", who, received, sent,
			float64(received)/float64(sent)))
	}
	return out
}

// countedByServer is what the target's proxy counted, less what kubelets may
// have asked, for reports in which the target did not tell.
func countedByServer(c *cell) (sent, counted int64) {
	for _, r := range c.rounds {
		for _, n := range r.trial.ProxyCounts {
			if n.Side == v1alpha1.SideServer && n.Counted != nil {
				sent += n.Sent
				counted += max(*n.Counted-int64(asksPerSecond*n.Seconds), 0)
			}
		}
	}
	return sent, counted
}
