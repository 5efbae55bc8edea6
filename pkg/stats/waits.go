package stats

import (
	"fmt"
	"math"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// Waits are what all requests of some trials waited, those without an answer
// included: nobody knows how long these took, but that it was no less than a lower
// bound where there is one (they are censored observations).
type Waits struct {
	// Answered are the latencies of the requests answered as asked.
	Answered *Histogram
	// Censored are lower bounds, of requests that were never sent or timed out.
	Censored *Histogram
	// Unseen is the number of requests without an answer as asked and without a
	// lower bound: what failed otherwise, and all in reports that kept no bounds.
	Unseen int64
}

// NewWaits returns Waits without any request.
func NewWaits() *Waits { return &Waits{Answered: NewHistogram(), Censored: NewHistogram()} }

// WaitsOf are those of one trial. It is an error if a histogram cannot be read.
func WaitsOf(l *v1alpha1.LoadResult) (*Waits, error) {
	w := NewWaits()
	if in := l.Latency(); in != nil || l.Requests > 0 {
		h, err := FromAPI(in)
		if err != nil {
			return nil, err
		}
		w.Answered = h
	}
	if l.Censored != nil {
		h, err := FromAPI(l.Censored)
		if err != nil {
			return nil, fmt.Errorf("censored requests: %w", err)
		}
		w.Censored = h
	}
	w.Unseen = max(0, l.Failed()+l.Unsent-w.Censored.Count())
	return w, nil
}

// Merge adds all of other's requests to w.
func (w *Waits) Merge(other *Waits) error {
	if err := w.Answered.Merge(other.Answered); err != nil {
		return err
	}
	w.Unseen += other.Unseen
	return w.Censored.Merge(other.Censored)
}

// Count is the number of requests, answered or not.
func (w *Waits) Count() int64 { return w.Answered.Count() + w.missing() }

func (w *Waits) missing() int64 { return w.Censored.Count() + w.Unseen }

// Quantile is the q quantile, 0 < q < 1, of all requests. Those without an answer
// count as later than any that has one: what is returned is no less than the
// truth, unless so many are missing that the quantile lies among them. Then
// atLeast is set and the value is a lower bound. It is one as well at the longest
// duration that histograms tell apart.
func (w *Waits) Quantile(q float64) (d time.Duration, atLeast bool) {
	all, answered := w.Count(), w.Answered.Count()
	rank := max(1, int64(math.Ceil(q*float64(all)-1e-9)))
	if rank <= answered {
		if w.missing() == 0 { // as the histogram itself says
			d = w.Answered.Quantile(q)
		} else {
			d = w.Answered.Quantile(float64(rank) / float64(answered))
		}
		return d, d >= MaxRecordable && w.Answered.Clamped() > 0
	}
	return w.lowerBound(rank), true
}

// lowerBound is the value at a rank if every request took no longer than is known.
func (w *Waits) lowerBound(rank int64) time.Duration {
	rank -= w.Unseen // of these nothing is known: they may be the shortest
	if rank <= 0 {
		return 0
	}
	known := NewHistogram()
	// Both are of the one resolution, so that merging cannot fail.
	_, _ = known.Merge(w.Answered), known.Merge(w.Censored)
	return known.Quantile(float64(rank) / float64(max(known.Count(), 1)))
}

// Mean is the mean of all requests of which anything is known. atLeast is set if
// more than one request in a hundred has no answer, or any took longer than
// histograms tell apart.
func (w *Waits) Mean() (d time.Duration, atLeast bool) {
	known := NewHistogram()
	_, _ = known.Merge(w.Answered), known.Merge(w.Censored)
	return known.Mean(), 100*w.missing() > w.Count() || w.Answered.Clamped() > 0
}

// Min is the shortest wait that had an answer.
func (w *Waits) Min() (d time.Duration, atLeast bool) { return w.Answered.Min(), false }

// Max is the longest wait known. atLeast is set if any request was censored or
// clamped.
func (w *Waits) Max() (d time.Duration, atLeast bool) {
	return max(w.Answered.Max(), w.Censored.Max()), w.Censored.Count() > 0 || w.Answered.Clamped() > 0
}
