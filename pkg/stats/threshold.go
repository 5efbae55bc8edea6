package stats

import (
	"cmp"
	"math"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// ThresholdTrial is what one trial at a place on a scale said: yes or no, and by
// how much.
type ThresholdTrial struct {
	// At is the place, above 0, such as a rate in requests per second.
	At  float64
	Yes bool
	// Margin is the logarithm of what was measured over its bound, above 0 for no;
	// nil where it is not known.
	Margin *float64
}

// Threshold is what is known of the place up to which trials say yes: where one
// says yes as often as no. It is a distribution over the logarithm of that place,
// got from all trials at once.
//
// Near the threshold the margin grows in proportion to the logarithm of the place,
// by an unknown slope, and each trial's differs from that by normal noise of unknown
// size; so the probability of yes falls as a normal distribution function does (a
// probit model; Finney, Probit Analysis, 1947). Margins beyond a factor of 1.5 count
// as no more than that (as in Tobin's model, 1958), because no slope is the same
// everywhere; of trials without a margin only yes or no counts. One trial in fifty
// says anything by chance, so that a disturbed one far away does not make noise of
// all. What is not known of slope and noise is integrated out.
type Threshold struct {
	logs, weights []float64 // of places at equal distances; weights sum up to 1
	// lowest and highest are the places of the trials.
	lowest, highest float64
}

const (
	// chanceTrials is the share of trials that say anything.
	chanceTrials = 0.02
	// thresholdReach is how far beyond the places of the trials a threshold may
	// lie, as a factor. All within are as likely beforehand, on the logarithmic scale.
	thresholdReach  = 4
	thresholdPoints = 96
)

// NewThreshold computes where trials turn from yes to no. Trials at a place that is
// not above 0 are passed over. ok is false without any other.
func NewThreshold(trials []ThresholdTrial) (t Threshold, ok bool) {
	trials = slices.DeleteFunc(slices.Clone(trials), func(v ThresholdTrial) bool {
		return !(v.At > 0) || math.IsInf(v.At, 1)
	})
	if len(trials) == 0 {
		return Threshold{}, false
	}
	lowest, highest := trials[0].At, trials[0].At
	known := false
	for _, v := range trials {
		lowest, highest = min(lowest, v.At), max(highest, v.At)
		known = known || v.Margin != nil
	}
	// First only what they say, which is never sharp; then ever closer, where there
	// is any probability to speak of.
	m := thresholdModel{trials: trials, grid: votesOnly()}
	t = m.over(math.Log(lowest/thresholdReach), math.Log(highest*thresholdReach))
	if known {
		m.grid = withMargins()
	}
	for range 2 {
		from, to := t.support()
		t = m.over(from, to)
	}
	t.lowest, t.highest = lowest, highest
	return t, true
}

// support is the range outside which there is next to no probability.
func (t Threshold) support() (from, to float64) {
	const negligible = 1e-6
	first, last := 0, len(t.logs)-1
	for first < last && t.weights[first] < negligible {
		first++
	}
	for last > first && t.weights[last] < negligible {
		last--
	}
	half := (t.logs[1] - t.logs[0]) / 2
	return t.logs[first] - half, t.logs[last] + half
}

// Interval is the threshold's median with its 95 % interval. An end that lies beyond
// the places of the trials is open, and nil: nothing was tried there. With an open
// end there is no median, and the other end is no further out than a trial was.
func (t Threshold) Interval() (value, low, high *float64) {
	middle := t.Quantile(0.5)
	from, to := t.Ends()
	if from >= t.lowest {
		from = min(from, t.highest)
		low = &from
	}
	if to <= t.highest {
		to = max(to, t.lowest)
		high = &to
	}
	if low != nil && high != nil {
		value = &middle
	}
	return value, low, high
}

// Ends are those of the 95 % interval, also where only what was assumed beforehand
// speaks, beyond the places of the trials.
func (t Threshold) Ends() (from, to float64) {
	const tail = (1 - confidence) / 2
	return t.Quantile(tail), t.Quantile(1 - tail)
}

// Over is this threshold divided by another, which was found independently: the
// median, and the interval that holds it with the given confidence, 0 to 1.
func (t Threshold) Over(base Threshold, confidence float64) v1alpha1.Estimate {
	type pair struct{ log, weight float64 }
	pairs := make([]pair, 0, len(t.logs)*len(base.logs))
	for i, w := range t.weights {
		for j, v := range base.weights {
			pairs = append(pairs, pair{t.logs[i] - base.logs[j], w * v})
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Compare(a.log, b.log) })
	quantile := func(q float64) float64 {
		sum := 0.0
		for _, p := range pairs {
			if sum += p.weight; sum >= q {
				return math.Exp(p.log)
			}
		}
		return math.Exp(pairs[len(pairs)-1].log)
	}
	low, high := quantile((1-confidence)/2), quantile((1+confidence)/2)
	return v1alpha1.Estimate{Value: quantile(0.5), Low: &low, High: &high}
}

// Quantile is the place that the threshold is below with probability q.
func (t Threshold) Quantile(q float64) float64 {
	step := t.logs[1] - t.logs[0]
	sum := 0.0
	for i, w := range t.weights {
		if w > 0 && sum+w >= q {
			return math.Exp(t.logs[i] + step*((q-sum)/w-0.5))
		}
		sum += w
	}
	return math.Exp(t.logs[len(t.logs)-1] + step/2)
}
