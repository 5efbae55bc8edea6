package analyse

import (
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

const (
	codeSendLag = "send-lag"

	// A request that is sent later than this, and than lateShare of what a usual
	// one takes in all, shows in response times.
	lateSend  = time.Millisecond
	lateShare = 0.1
	// One late request in a hundred reaches the 99th percentile.
	lateRequests = 0.01
)

// sendLag finds generators that send late although a connection is free. A
// request is also sent late where the answer before it took longer than the time
// between two requests of its connection, which is no fault of the generator:
// each such answer, and working off what it held up, excuses twice as many
// requests as fall due meanwhile.
func sendLag(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, c := range d.cells {
		if c.level.Rate.ClosedLoop() || c.level.Connections <= 0 {
			continue
		}
		spacing := float64(c.level.Connections) / float64(c.level.Rate) // seconds
		var late, excused, all int64
		var bound time.Duration
		for _, r := range c.rounds {
			lag, errLag := stats.DistributionFromAPI(r.trial.Load.SendLag)
			service, errService := stats.DistributionFromAPI(r.trial.Load.ServiceTime)
			if errLag != nil || errService != nil {
				continue // not measured; a histogram that is damaged is told of elsewhere
			}
			bound = max(bound, lateSend, time.Duration(lateShare*float64(service.Quantile(0.5))))
			all += lag.Count()
			for _, bar := range lag.Bars() {
				if bar.From > bound {
					late += bar.Count
				}
			}
			for _, bar := range service.Bars() {
				if held := bar.To.Seconds() / spacing; held > 1 {
					excused += int64(2*held+1) * bar.Count
				}
			}
			excused += failedLate(r.trial.Load, spacing)
		}
		if all > 0 && float64(late-excused) > lateRequests*float64(all) {
			out = append(out, c.finding(v1alpha1.SeverityWarn,
				"Give the load pods more CPU, use more of them, or move them to a quieter node: response times contain the generator's own delay.",
				"%d of %d requests were sent more than %s after they were due, and slow answers explain at most %d", late, all,
				bound, excused))
		}
	}
	return out
}

// failedLate are the requests that failed ones held up. Where it is not known how
// long these took, they explain everything.
func failedLate(load *v1alpha1.LoadResult, spacing float64) int64 {
	failed := load.Failed()
	if failed == 0 {
		return 0
	}
	took, err := stats.DistributionFromAPI(load.ErrorTime)
	if err != nil {
		return load.Requests + failed
	}
	var n int64
	for _, bar := range took.Bars() {
		n += int64(2*bar.To.Seconds()/spacing+1) * bar.Count
	}
	return n
}
