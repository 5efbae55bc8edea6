package analyse

import (
	"math"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

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
		if c.disturbed() {
			continue // what a target that is gone had received, nobody knows
		}
		var sent, received, sockets int64
		for _, r := range c.rounds {
			if n := r.trial.Received; n != nil && countedAll(r.trial) {
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
		if c.level.ErrorRatio > 0 && float64(received) <= c.mostRetried(sent)+float64(sockets) {
			out = append(out, c.retriedAsAsked(sent, received))
			continue
		}
		out = append(out, c.finding(v1alpha1.SeverityWarn,
			"Turn retries off, or compare with a baseline that retries: they hide failures and load the target more.",
			"%s %d requests of the %d that were sent (x%.2f): something on the way sent them again", who, received, sent,
			float64(received)/float64(sent)))
	}
	return out
}

// mostRetried is what a target receives of so many requests if whatever fails or is
// slow is sent again until it does neither, each time with a draw of its own: a
// geometric series, however many proxies retry. More was not sent again because it failed.
func (c *cell) mostRetried(sent int64) float64 {
	again := c.level.ErrorRatio
	if c.level.ServerDelay.Duration > 0 {
		again += (1 - again) * c.level.SlowRatio
	}
	if again >= 1 {
		return math.Inf(1)
	}
	_, most := drawn(again, sent)
	return float64(sent) + float64(most)/(1-again)
}

// retriedAsAsked says what became of failures that the level asked for: here retries
// are what is looked at, not what spoils it.
func (c *cell) retriedAsAsked(sent, received int64) v1alpha1.Finding {
	var failed, all int64
	for _, r := range c.rounds {
		failed += r.trial.Load.Failed()
		all += r.trial.Load.Requests + r.trial.Load.Failed()
	}
	return c.finding(v1alpha1.SeverityInfo, "Read errors and amplification together: the one is paid for with the other.",
		"of what the target fails on purpose, %s, something on the way sent again what it could: the target received %d "+
			"requests of the %d that were sent (x%.3f), and the client saw %s fail",
		percentOf(c.level.ErrorRatio), received, sent, float64(received)/float64(sent), percent(failed, all))
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
