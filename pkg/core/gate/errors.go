package gate

import (
	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
	"github.com/meshbench/kubectl-meshbench/pkg/stats"
)

const (
	// leastBurst is how many requests one cause is taken to fail at once, where
	// nothing was seen that tells more: a pool's connections drain together.
	leastBurst = 20
	// enoughEvents is how many events must have been seen for their own sizes to
	// count instead.
	enoughEvents = 10
)

// failures are the failed requests of a cell, in the events that they came in.
type failures struct {
	all, failed int64
	// faults failed because their level asks for it, each by a draw of its own.
	faults int
	events int
	// largest is the number of requests that failed in one event, or could have.
	largest float64
}

// share is the estimate of a share of failed requests. Failures come in bursts, so
// that it is the events that are counted: each second with a failure, and seconds
// that follow each other are one event. Their number is Poisson, and those that
// were not seen are taken to be as large as the largest that was, and at least as
// large as a burst. What a target fails on purpose comes one by one. A bound of 0
// asks what was seen, no more.
func (s SLO) share(trials []v1alpha1.Trial, v v1alpha1.MetricValue) (estimate *v1alpha1.Estimate, why string) {
	f := failuresOf(trials)
	if f.all == 0 {
		return nil, "no data"
	}
	seen := float64(f.failed+int64(f.faults)) / float64(f.all)
	if s.Bound == 0 && seen > 0 {
		return &v1alpha1.Estimate{Value: seen, Low: &seen, High: &seen}, ""
	}
	if len(trials) < stats.MinPairs {
		return &v1alpha1.Estimate{Value: seen}, ""
	}
	if s.Bound == 0 {
		return &v1alpha1.Estimate{Value: 0, Low: &seen, High: &seen}, ""
	}
	fewest, most := stats.PoissonBounds(f.events)
	low := max(0, float64(f.failed)-(float64(f.events)-fewest)*f.largest) / float64(f.all)
	high := min(1, (float64(f.failed)+(most-float64(f.events))*f.largest)/float64(f.all))
	if f.faults > 0 {
		fewest, most := stats.PoissonBounds(f.faults)
		low, high = low+fewest/float64(f.all), min(1, high+most/float64(f.all))
	}
	// Rounds that differ more than that widen it.
	e := stats.Jackknife(len(v.PerRound), func(rounds []int) float64 {
		var taken []float64
		for _, i := range rounds {
			taken = append(taken, v.PerRound[i].Value)
		}
		return stats.Mean(taken)
	})
	if e.Low != nil && seen > 0 {
		low, high = min(low, max(0, *e.Low)), max(high, min(1, *e.High))
	}
	return &v1alpha1.Estimate{Value: seen, Low: &low, High: &high}, ""
}

func failuresOf(trials []v1alpha1.Trial) failures {
	var f failures
	var sockets float64
	for _, t := range trials {
		f.all += t.Load.Requests + t.Load.Failed()
		faults := t.Load.Faults()
		failed := t.Load.Failed() - faults
		f.failed += failed
		f.faults += int(faults)
		sockets = max(sockets, float64(t.Load.Sockets))
		var inEvent, inSeries int64
		for i, second := range t.Series {
			if second.Errors == 0 || faults > 0 { // seconds do not tell them apart
				continue
			}
			inSeries += second.Errors
			if i == 0 || t.Series[i-1].Errors == 0 || t.Series[i-1].OffsetSeconds+1 != second.OffsetSeconds {
				f.events++
				inEvent = 0
			}
			inEvent += second.Errors
			f.largest = max(f.largest, float64(inEvent))
		}
		if rest := failed - inSeries; rest > 0 { // nobody knows when
			f.events++
			f.largest = max(f.largest, float64(rest))
		}
	}
	if f.events < enoughEvents {
		// One cause fails what is on its way with it: a request of each connection.
		f.largest = max(f.largest, leastBurst, min(sockets, maxBurst))
	}
	return f
}

// maxBurst bounds what is assumed of connections, where sockets are many because
// they are not kept.
const maxBurst = 64
