package analyse

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/core/metric"
)

const (
	codeWindowSockets = "sockets-in-window"
	codeFamilies      = "ip-families"
	codeDelayedACK    = "delayed-ack"

	// socketShare of a window's requests may pay for connecting.
	socketShare = 0.01
	// A delayed acknowledgement comes 40 ms late on Linux: a percentile of delayed
	// requests is that and the time they take themselves. Without it, requests take
	// less than quickSeconds.
	delayedLow, delayedHigh, quickSeconds = 0.038, 0.045, 0.005
)

// windowSockets finds windows in which requests paid for connecting. Levels that
// close connections on purpose are exempt.
func windowSockets(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.loaded() {
		if c.level.RequestsPerConnection > 0 || c.disturbed() {
			continue
		}
		var opened, requests int64
		for _, r := range c.rounds {
			if n := r.trial.Load.WindowSockets; n != nil {
				opened += *n
				requests += r.trial.Load.Requests + r.trial.Load.Failed()
			}
		}
		if float64(opened) > socketShare*float64(requests) {
			out = append(out, c.finding(v1alpha1.SeverityWarn,
				"Look for what ends connections on the path: a limit of requests for each, an idle timeout, failures. "+
					"Latencies have the cost of connecting in them.",
				"%d sockets were opened for %d requests of the windows", opened, requests))
		}
	}
	return out
}

// familiesDiffer finds experiments whose trials spoke different versions of IP.
func familiesDiffer(d *data) []v1alpha1.Finding {
	spoken := map[v1alpha1.IPFamily][]string{}
	for _, c := range d.cells {
		for _, r := range c.rounds {
			for _, p := range r.trial.Load.Peers {
				if where := c.at.Arm; !slices.Contains(spoken[p.Family], where) {
					spoken[p.Family] = append(spoken[p.Family], where)
				}
			}
		}
	}
	if len(spoken) < 2 {
		return nil
	}
	var said []string
	for family, arms := range spoken {
		said = append(said, fmt.Sprintf("%s in %s", family, strings.Join(arms, ", ")))
	}
	slices.Sort(said)
	return []v1alpha1.Finding{{Severity: v1alpha1.SeverityWarn, Evidence: "requests went over " + strings.Join(said, "; "),
		Advice: "Give the Services of all arms the same IP family: what is compared is more than the mesh."}}
}

// delayedQuantile is the highest percentile that is looked at: what only the
// slowest requests wait for has other causes.
const delayedQuantile = 0.9

// delayedACK finds latencies that are the timer of a delayed acknowledgement.
func delayedACK(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.cells {
		if c.arm.Name == d.baseline.Name {
			continue
		}
		at := c.at
		at.Arm = d.baseline.Name
		base := d.byAddress[at]
		if base == nil {
			continue
		}
		for _, m := range metric.Latencies() {
			if m.Quantile == 0 || m.Quantile > delayedQuantile {
				continue
			}
			slow, quick := valueIn(c, m.Name), valueIn(base, m.Name)
			if slow == nil || quick == nil || *slow < delayedLow || *slow > delayedHigh || *quick >= quickSeconds {
				continue
			}
			out = append(out, c.finding(v1alpha1.SeverityWarn,
				"Set TCP_NODELAY on both of the proxy's sides, or have it write header and body at once: Nagle's "+
					"algorithm waits there for an acknowledgement that the peer delays by 40 ms.",
				"%s is %.1f ms against %.2f ms in %s: the time of a delayed acknowledgement", m.Name, *slow*1e3, *quick*1e3,
				d.baseline.Name))
			break
		}
	}
	return out
}

func valueIn(c *cell, m v1alpha1.Metric) *float64 {
	for _, v := range c.summary {
		if v.Metric == m {
			return v.Value
		}
	}
	return nil
}
