package analyse

import (
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

const (
	codeOverloaded = "overloaded"
	codeReconnects = "reconnects"
	codeClamped    = "clamped"

	// achievedShare of the target rate counts as reached.
	achievedShare = 0.999
	// reachedShare of the target rate, and latencies are still those of it.
	reachedShare = 0.99
	// Sockets opened per connection wanted before it is called reconnecting.
	// Warm-up may replace each connection once.
	socketsPerConnection = 2
)

// overloaded finds levels of an open schedule that did not run at their rate.
func overloaded(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.cells {
		if c.level.Rate.ClosedLoop() {
			continue
		}
		sent, due, unsent := c.schedule()
		// One request per round is no shortfall.
		rounds := float64(len(c.rounds))
		seconds := (due + rounds) / float64(c.level.Rate)
		if len(c.rounds) > 0 && (unsent > 0 || sent < achievedShare*(due+rounds)-rounds) {
			out = append(out, c.finding(v1alpha1.SeverityWarn,
				"Do not read this level as running at its rate: lower it, or add load pods if the generator is busy.",
				"achieved %.4g of %s requests/s, %d requests were due but not sent in the window", sent/seconds,
				c.level.Rate, unsent))
		}
	}
	return out
}

// reconnects finds connections that did not last, which puts handshakes into
// the latencies. Levels that close connections on purpose are exempt.
func reconnects(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.loaded() {
		if c.level.RequestsPerConnection > 0 || c.level.Connections <= 0 || c.disturbed() {
			continue
		}
		var worst int64
		for _, r := range c.rounds {
			worst = max(worst, r.trial.Load.Sockets)
		}
		if worst > socketsPerConnection*int64(c.level.Connections) {
			out = append(out, c.finding(v1alpha1.SeverityWarn,
				"Look for a keep-alive or idle timeout on the path shorter than the time between requests.",
				"up to %d sockets were opened for %d connections in one trial", worst, c.level.Connections))
		}
	}
	return out
}

// clamped finds answers that took longer than histograms tell apart.
func clamped(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.loaded() {
		var over, all int64
		for _, r := range c.rounds {
			over += r.trial.Load.Latency().ClampedSamples()
			all += r.trial.Load.Requests
		}
		if over > 0 {
			out = append(out, c.finding(v1alpha1.SeverityWarn,
				"Read percentiles among them as lower bounds (they are shown with \">\"), and mean and maximum too.",
				"%d of %d answers (%s) took more than %.0f s, the most that histograms tell apart", over, all,
				percent(over, all), stats.MaxRecordable.Seconds()))
		}
	}
	return out
}
