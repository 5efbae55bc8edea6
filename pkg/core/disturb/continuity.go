// Package disturb knows what a disturbance of targets means: what it does to which
// pods, and what is made of how answers came through it. It is pure.
package disturb

import (
	"math"
	"slices"
	"time"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

const (
	// calmFactor is within how much of what it was before a percentile is back, and
	// calmSeconds for how many seconds in a row.
	calmFactor  = 2
	calmSeconds = 3
	// LeastBefore is how much of the window comes before a disturbance, in whole seconds
	// that are looked at.
	LeastBefore = 2 * time.Second
	// LeastAfter is how much of the window is left from it on, likewise.
	LeastAfter = calmSeconds * time.Second
	// lostShare of a second's requests failed, and its 99th percentile is among them.
	lostShare = 0.01
)

// Recovery is what the 99th percentile of a second was before a disturbance, the
// median of the whole seconds before it, and the start of the first of three seconds
// in a row, from that of the disturbance on, that are within twice that. Either is nil
// where there is none. A request that failed counts as later than all that were answered.
func Recovery(seconds []v1alpha1.Second, at time.Duration) (calm, recovered *float64) {
	var before []float64
	inOrder := map[int]v1alpha1.Second{}
	for _, s := range seconds {
		inOrder[s.OffsetSeconds] = s
		if v, ok := p99Of(s); ok && time.Duration(s.OffsetSeconds+1)*time.Second <= at {
			before = append(before, v)
		}
	}
	if len(before) < int(LeastBefore/time.Second) {
		return nil, nil
	}
	slices.Sort(before)
	median := (before[(len(before)-1)/2] + before[len(before)/2]) / 2
	row := 0
	for k := int(at / time.Second); k < len(seconds); k++ {
		v, ok := p99Of(inOrder[k])
		if row++; !ok || v > calmFactor*median {
			row = 0
		}
		if row == calmSeconds {
			from := float64(k + 1 - calmSeconds)
			return &median, &from
		}
	}
	return &median, nil
}

func p99Of(s v1alpha1.Second) (float64, bool) {
	if s.P99Seconds == nil || float64(s.Errors) > lostShare*float64(s.Requests+s.Errors) {
		return 0, false
	}
	return *s.P99Seconds, true
}

// Merge puts together what several load pods saw of one window, each by a clock of
// its own: nobody was answered where none of them was. nil if any of them is.
func Merge(all []*v1alpha1.Continuity) *v1alpha1.Continuity {
	if len(all) == 0 || slices.Contains(all, nil) {
		return nil
	}
	out := *all[0]
	for _, c := range all[1:] {
		out.Gaps = common(out.Gaps, c.Gaps)
		// A common gap that is not listed is, in one of the two, part of an unlisted one.
		out.UnlistedSeconds = max(out.UnlistedSeconds, c.UnlistedSeconds)
		out.Failed += c.Failed
		out.Held += c.Held
		out.LastFailedSeconds = later(out.LastFailedSeconds, c.LastFailedSeconds)
		out.CalmP99Seconds = later(out.CalmP99Seconds, c.CalmP99Seconds)
		switch {
		case out.RecoveredSeconds == nil || c.RecoveredSeconds == nil:
			out.RecoveredSeconds = nil
		default:
			out.RecoveredSeconds = later(out.RecoveredSeconds, c.RecoveredSeconds)
		}
	}
	return &out
}

// common are the times that are in a gap of both.
func common(a, b []v1alpha1.Gap) []v1alpha1.Gap {
	var out []v1alpha1.Gap
	for i, j := 0, 0; i < len(a) && j < len(b); {
		from, to := math.Max(a[i].FromSeconds, b[j].FromSeconds), math.Min(a[i].ToSeconds, b[j].ToSeconds)
		if from < to {
			out = append(out, v1alpha1.Gap{FromSeconds: from, ToSeconds: to})
		}
		if a[i].ToSeconds < b[j].ToSeconds {
			i++
		} else {
			j++
		}
	}
	return out
}

func later(a, b *float64) *float64 {
	if a == nil || b != nil && *b > *a {
		return b
	}
	return a
}

// LongestGap is the longest time without an answer; open is set if it reaches to the
// end of the window, so that nobody saw how long it was.
func LongestGap(c v1alpha1.Continuity, windowSeconds float64) (seconds float64, open bool) {
	seconds = c.UnlistedSeconds
	for _, g := range c.Gaps {
		if g.Seconds() >= seconds {
			seconds, open = g.Seconds(), g.ToSeconds >= windowSeconds
		}
	}
	return seconds, open
}
